# Metrics made from the functions' own log lines (shared/http/logs.py): one JSON object for each request, with function,
# status, duration and practice, never a patient.
locals {
  services   = join(" OR ", [for name in values(local.service_name) : "\"${name}\""])
  of_ledger  = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=(${local.services})"
  of_webhook = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${local.service_name["webhook"]}\""

  log_metrics = {
    errors = {
      what   = "Requests answered 5xx, and crashes, by function."
      filter = "${local.of_ledger} AND severity>=WARNING AND (jsonPayload.status>=500 OR jsonPayload.message=\"crash\")"
    }
    webhook-accepted = {
      what   = "Calls of Xero's webhook that were answered 200: rightly signed."
      filter = "${local.of_webhook} AND httpRequest.status=200"
    }
    webhook-refused = {
      what   = "Calls of the webhook that were answered 401: wrongly signed. Xero sends some on purpose when a webhook is set up."
      filter = "${local.of_webhook} AND httpRequest.status=401"
    }
    connection-lost = {
      what   = "A practice's connection to Xero was lost and an owner must connect again."
      filter = "${local.of_ledger} AND jsonPayload.message=\"activity\" AND jsonPayload.action=\"connection.lost\""
    }
    needs-a-person = {
      what   = "Writes to Xero that ended in a refusal which only a person can mend."
      filter = "${local.of_ledger} AND jsonPayload.message=\"activity\" AND jsonPayload.outcome=\"failed\" AND jsonPayload.operation_id:*"
    }
  }
}

resource "google_logging_metric" "metric" {
  for_each = local.log_metrics

  project     = var.project_id
  name        = "${var.prefix}/${each.key}"
  description = each.value.what
  filter      = each.value.filter

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    unit        = "1"

    labels {
      key         = "service"
      value_type  = "STRING"
      description = "The function's Cloud Run service."
    }
  }

  label_extractors = {
    service = "EXTRACT(resource.labels.service_name)"
  }

  depends_on = [google_project_service.api]
}

locals {
  charts = [
    { title = "Requests by function", filter = "metric.type=\"run.googleapis.com/request_count\" resource.type=\"cloud_run_revision\"", by = "resource.label.service_name", aligner = "ALIGN_RATE" },
    { title = "Slowest one in twenty, by function", filter = "metric.type=\"run.googleapis.com/request_latencies\" resource.type=\"cloud_run_revision\"", by = "resource.label.service_name", aligner = "ALIGN_PERCENTILE_95" },
    { title = "Errors", filter = "metric.type=\"logging.googleapis.com/user/${var.prefix}/errors\" resource.type=\"cloud_run_revision\"", by = "metric.label.service", aligner = "ALIGN_DELTA" },
    { title = "Webhook: accepted", filter = "metric.type=\"logging.googleapis.com/user/${var.prefix}/webhook-accepted\" resource.type=\"cloud_run_revision\"", by = "metric.label.service", aligner = "ALIGN_DELTA" },
    { title = "Webhook: refused", filter = "metric.type=\"logging.googleapis.com/user/${var.prefix}/webhook-refused\" resource.type=\"cloud_run_revision\"", by = "metric.label.service", aligner = "ALIGN_DELTA" },
    { title = "Needs a person", filter = "metric.type=\"logging.googleapis.com/user/${var.prefix}/needs-a-person\" resource.type=\"cloud_run_revision\"", by = "metric.label.service", aligner = "ALIGN_DELTA" },
    { title = "Tasks waiting, by queue", filter = "metric.type=\"cloudtasks.googleapis.com/queue/depth\" resource.type=\"cloud_tasks_queue\"", by = "resource.label.queue_id", aligner = "ALIGN_MEAN" },
    { title = "Instances, by function", filter = "metric.type=\"run.googleapis.com/container/instance_count\" resource.type=\"cloud_run_revision\"", by = "resource.label.service_name", aligner = "ALIGN_MAX" },
  ]
}

resource "google_monitoring_dashboard" "this" {
  project = var.project_id

  dashboard_json = jsonencode({
    displayName = "Clinic Ledger"
    mosaicLayout = {
      columns = 12
      tiles = [for index, chart in local.charts : {
        xPos   = index % 2 * 6
        yPos   = floor(index / 2) * 4
        width  = 6
        height = 4
        widget = {
          title = chart.title
          xyChart = {
            dataSets = [{
              plotType = "LINE"
              timeSeriesQuery = {
                timeSeriesFilter = {
                  filter = chart.filter
                  aggregation = {
                    alignmentPeriod    = "300s"
                    perSeriesAligner   = chart.aligner
                    crossSeriesReducer = chart.aligner == "ALIGN_PERCENTILE_95" ? "REDUCE_MAX" : "REDUCE_SUM"
                    groupByFields      = [chart.by]
                  }
                }
              }
            }]
          }
        }
      }]
    }
  })

  depends_on = [google_logging_metric.metric]
}
