# What a plan must hold, whatever is set. Only plans are made; nothing is reached.
mock_provider "google" {
  override_during = plan

  mock_resource "google_service_account" {
    defaults = { email = "account@my-clinic-ledger.iam.gserviceaccount.com" }
  }
  override_data {
    target = data.google_project.this
    values = { number = "123456789012" }
  }
}

variables {
  project_id     = "my-clinic-ledger"
  region         = "australia-southeast1"
  image          = "australia-southeast1-docker.pkg.dev/my-clinic-ledger/ledger/functions@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  domain         = "ledger.example.com"
  xero_client_id = "0123456789ABCDEF0123456789ABCDEF"
  auth_issuer    = "https://issuer.example.com"
  auth_audience  = "clinic-ledger"
  alert_email    = "operations@example.com"
  budget         = { billing_account = "012345-6789AB-CDEF01", amount = 50 }
  repository     = { name = "projects/p/locations/l/connections/c/repositories/r" }
}

run "only_the_public_ones_are_open" {
  command = plan

  assert {
    condition     = toset([for name, service in google_cloud_run_v2_service.function : name if service.invoker_iam_disabled]) == toset(["activity", "console", "contacts", "invoices", "oauth", "records", "settings", "webhook"])
    error_message = "Without Google's check there are only functions with a sign-in or a signature of their own."
  }
  assert {
    condition     = alltrue([for name, service in google_cloud_run_v2_service.function : service.ingress == (service.invoker_iam_disabled ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY")])
    error_message = "Private functions are reached from inside only."
  }
  assert {
    condition     = toset(keys(google_cloud_run_v2_service_iam_member.invoker)) == toset(["worker/tasks", "reconcile/tasks", "appointment_completed/events"])
    error_message = "Somebody else may call a private function."
  }
  assert {
    condition     = length(setintersection(toset([for member in google_cloud_run_v2_service_iam_member.invoker : member.member]), ["allUsers", "allAuthenticatedUsers"])) == 0
    error_message = "A private function is open to everybody."
  }
}

run "no_role_beyond_the_list" {
  command = plan

  assert {
    condition = length(setsubtract(toset(concat(
      [for m in google_project_iam_member.data : m.role],
      [google_project_iam_member.event_receiver.role, google_project_iam_member.build_log.role, google_project_iam_member.build_source.role],
      [for m in google_secret_manager_secret_iam_member.reader : m.role],
      [for m in google_cloud_tasks_queue_iam_member.enqueuer : m.role],
      [for m in google_service_account_iam_member.acts_as_tasks : m.role],
      [for m in google_service_account_iam_member.build_acts_as : m.role],
      [for m in google_cloud_run_v2_service_iam_member.invoker : m.role],
      [for m in google_cloud_run_v2_service_iam_member.build : m.role],
      [google_artifact_registry_repository_iam_member.build.role],
    )), toset(keys(local.reasons)))) == 0
    error_message = "A role without its reason in accounts.tf."
  }
  assert {
    condition     = toset(keys(google_project_iam_member.data)) == setsubtract(keys(local.functions), ["console", "webhook"])
    error_message = "The page and the webhook have no business in the database."
  }
  assert {
    condition     = alltrue([for m in google_project_iam_member.data : strcontains(m.condition[0].expression, "databases/(default)")])
    error_message = "Access to data is for this database only."
  }
  assert {
    condition     = [for key, m in google_secret_manager_secret_iam_member.reader : key if startswith(key, "xero_webhook_key/")] == ["xero_webhook_key/webhook"]
    error_message = "Only the webhook reads its key."
  }
  assert {
    condition     = alltrue([for m in google_project_iam_member.token_secret_user : strcontains(m.condition[0].expression, "/secrets/xero-grant-")])
    error_message = "The tokens' role must not reach other secrets."
  }
  assert {
    condition     = toset([for key in keys(google_cloud_tasks_queue_iam_member.enqueuer) : key if startswith(key, "webhook/")]) == toset(["webhook/pull"])
    error_message = "The webhook asks for pulls, nothing else."
  }
}

run "queues_respect_xero" {
  command = plan

  assert {
    condition     = sum([for queue in google_cloud_tasks_queue.queue : queue.rate_limits[0].max_concurrent_dispatches]) <= 5
    error_message = "Xero takes five calls at once from an organisation."
  }
  assert {
    condition     = alltrue([for queue in google_cloud_tasks_queue.queue : queue.rate_limits[0].max_dispatches_per_second <= 1])
    error_message = "Xero takes 60 calls a minute for an organisation."
  }
}

run "queues_of_a_fleet" {
  command = plan

  variables {
    organisations = 300
  }

  assert {
    condition     = sum([for queue in google_cloud_tasks_queue.queue : queue.rate_limits[0].max_concurrent_dispatches]) <= 5 * 300
    error_message = "More than five at once for each organisation."
  }
  assert {
    condition     = alltrue([for queue in google_cloud_tasks_queue.queue : queue.rate_limits[0].max_dispatches_per_second <= 166])
    error_message = "Xero takes 10,000 calls a minute from the app."
  }
}

run "data_is_protected" {
  command = plan

  assert {
    condition     = google_firestore_database.this.point_in_time_recovery_enablement == "POINT_IN_TIME_RECOVERY_ENABLED" && google_firestore_database.this.delete_protection_state == "DELETE_PROTECTION_ENABLED" && google_firestore_database.this.deletion_policy == "ABANDON"
    error_message = "The books' other side needs point-in-time recovery and protection against deletion."
  }
  assert {
    condition     = length(google_firestore_index.composite) == length(jsondecode(file("../firestore.indexes.json")).indexes)
    error_message = "Every declared index, each once."
  }
}

run "threads_are_concurrency" {
  command = plan

  assert {
    condition = alltrue([for name, service in google_cloud_run_v2_service.function : one([
      for env in service.template[0].containers[0].env : env.value if env.name == "THREADS"
    ]) == tostring(service.template[0].max_instance_request_concurrency)])
    error_message = "Cloud Run would send more requests than there are threads, or fewer."
  }
  assert {
    condition     = alltrue([for name, service in google_cloud_run_v2_service.function : one([for env in service.template[0].containers[0].env : env.value if env.name == "FUNCTION_TARGET"]) == name])
    error_message = "A service runs another function than its name says."
  }
}

run "addresses_to_paste" {
  command = plan

  assert {
    condition     = output.redirect_uri == "https://ledger.example.com/xero/oauth/callback/" && output.webhook_url == "https://ledger.example.com/xero/webhook/"
    error_message = "Redirect and webhook are at the domain."
  }
}

run "without_a_domain" {
  command = plan

  variables {
    domain     = null
    budget     = null
    repository = null
  }

  assert {
    condition     = output.redirect_uri == "https://ledger-oauth-123456789012.australia-southeast1.run.app/xero/oauth/callback/" && output.webhook_url == "https://ledger-webhook-123456789012.australia-southeast1.run.app/xero/webhook/"
    error_message = "Each function answers at its own address."
  }
  assert {
    condition     = length(google_compute_url_map.this) == 0 && length(google_compute_backend_service.function) == 0
    error_message = "No load balancer without a domain."
  }
}

run "six_at_once_are_refused" {
  command = plan

  variables {
    queue_concurrency = { pull = 2, drain = 3, bulk = 1 }
  }
  expect_failures = [var.queue_concurrency]
}

run "a_tag_is_no_digest" {
  command = plan

  variables {
    image = "australia-southeast1-docker.pkg.dev/p/ledger/functions:latest"
  }
  expect_failures = [var.image]
}

run "secrets_are_no_settings" {
  command = plan

  variables {
    settings = { XERO_CLIENT_SECRET = "in the state for everybody to see" }
  }
  expect_failures = [var.settings]
}
