# Scheduled work is delivered at least once, like tasks; all of it may run twice.
locals {
  schedule = {
    reconcile    = { cron = "7 * * * *", path = "/tasks/reconcile", function = "reconcile", what = "hourly: a pull and a drain for every organisation; finds what a lost webhook did not tell, and each practice's nightly completeness check" }
    keep-alive   = { cron = "23 4 * * 3", path = "/tasks/keep_alive", function = "worker", what = "weekly: renews quiet connections, which Xero forgets after 60 days" }
    completeness = { cron = "41 2 * * *", path = "/tasks/reconcile", function = "reconcile", what = "nightly: the sweep once more, so that the check of the night's practices does not hang on one hourly run" }
  }
}

resource "google_cloud_scheduler_job" "job" {
  for_each = local.schedule

  project          = var.project_id
  region           = var.region
  name             = "${var.prefix}-${each.key}"
  description      = each.value.what
  schedule         = each.value.cron
  time_zone        = var.time_zone
  attempt_deadline = "900s"

  retry_config {
    retry_count          = 3
    min_backoff_duration = "30s"
    max_backoff_duration = "300s"
  }

  http_target {
    http_method = "POST"
    uri         = "${local.url[each.value.function]}${each.value.path}"
    headers     = { "Content-Type" = "application/json" }
    body        = base64encode("{}")

    oidc_token {
      service_account_email = google_service_account.tasks.email
      audience              = local.url[each.value.function]
    }
  }

  depends_on = [google_cloud_run_v2_service_iam_member.invoker]
}
