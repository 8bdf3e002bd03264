resource "google_monitoring_notification_channel" "email" {
  project      = var.project_id
  display_name = "Clinic Ledger"
  type         = "email"
  labels       = { email_address = var.alert_email }
  depends_on   = [google_project_service.api]
}

locals {
  # Counted from the log: more than so many within the period, and what to do then.
  counted_alerts = {
    connection-lost = {
      title  = "A practice lost its connection to Xero"
      metric = "connection-lost", period = 300, above = 0
      do     = "An owner of the practice connects again: the staff page says so, and what waits goes on by itself. The log line names the practice and the reason. Many at once: look at the Xero app (client secret, scopes) first."
    }
    attention-growing = {
      title  = "More and more needs a person"
      metric = "needs-a-person", period = 3600, above = 20
      do     = "GET /xero/attention/ groups it by cause, each with what to press. One cause for many practices is usually a change at Xero or a deployment."
    }
    errors = {
      title  = "Requests fail"
      metric = "errors", period = 300, above = 10
      do     = "The dashboard shows which function. A new revision: roll back with infra/rollback. All functions: Firestore or Secret Manager; nothing is lost meanwhile, work waits in the queues."
    }
  }
}

resource "google_monitoring_alert_policy" "counted" {
  for_each = local.counted_alerts

  project               = var.project_id
  display_name          = "Clinic Ledger: ${each.value.title}"
  combiner              = "OR"
  severity              = "ERROR"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = each.value.title

    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.metric[each.value.metric].name}\" AND resource.type=\"cloud_run_revision\""
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.above
      duration        = "0s"

      aggregations {
        alignment_period     = "${each.value.period}s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = each.value.do
    mime_type = "text/markdown"
  }
}

resource "google_monitoring_alert_policy" "webhook_silent" {
  project               = var.project_id
  display_name          = "Clinic Ledger: Xero's webhook is silent"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = [google_monitoring_notification_channel.email.id]

  conditions {
    display_name = "No accepted call for ${var.webhook_silent_hours} hours"

    condition_absent {
      filter   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.metric["webhook-accepted"].name}\" AND resource.type=\"cloud_run_revision\""
      duration = "${var.webhook_silent_hours * 3600}s"

      aggregations {
        alignment_period     = "3600s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = "Payments are still found, by the hourly sweep. In Xero's developer portal open the app, Webhooks: check delivery URL and key, save, wait for the status OK. A clinic that is closed for the day is silent too."
    mime_type = "text/markdown"
  }
}

resource "google_billing_budget" "monthly" {
  count = var.budget == null ? 0 : 1

  billing_account = var.budget.billing_account
  display_name    = "Clinic Ledger (${var.project_id})"

  budget_filter {
    projects = ["projects/${data.google_project.this.number}"]
  }

  amount {
    specified_amount {
      units = tostring(floor(var.budget.amount))
    }
  }

  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }

  all_updates_rule {
    monitoring_notification_channels = [google_monitoring_notification_channel.email.id]
  }

  depends_on = [google_project_service.api]
}
