# Three queues, so that a long bulk job keeps neither payments coming back nor invoices going out waiting. Their names
# end as the Cloud Tasks adapter expects them.
locals {
  # Xero: 5 calls at once and 60 a minute for each organisation, 10,000 a minute for the app. A task makes several
  # calls; what is too fast all the same is paused by the product itself, never lost.
  queue_rate = min(var.organisations, 100)
}

resource "google_cloud_tasks_queue" "queue" {
  for_each = var.queue_concurrency

  project  = var.project_id
  location = var.region
  name     = "${var.prefix}-${each.key}"

  rate_limits {
    max_concurrent_dispatches = min(each.value * var.organisations, 5000)
    max_dispatches_per_second = local.queue_rate
  }

  # Ten minutes apart at most. A task that is given up is not lost: what it would have done is in Firestore, and the
  # hourly sweep makes a new one. Cloud Tasks gives up when both are reached.
  retry_config {
    max_attempts       = 20
    max_retry_duration = "14400s"
    min_backoff        = "5s"
    max_backoff        = "600s"
    max_doublings      = 7
  }

  stackdriver_logging_config {
    sampling_ratio = 0.1
  }

  depends_on = [google_project_service.api]
}
