# Secrets that people put in. Terraform makes the secret, never its value: a value would stand in Terraform's state.
locals {
  static_secrets = {
    xero_client_secret = { env = "XERO_CLIENT_SECRET", readers = [for name, function in local.functions : name if function.xero] }
    xero_webhook_key   = { env = "XERO_WEBHOOK_KEY", readers = ["webhook"] }
  }
  secret_readers = merge([
    for secret, each in local.static_secrets : { for reader in each.readers : "${secret}/${reader}" => { secret = secret, reader = reader } }
  ]...)
}

resource "google_secret_manager_secret" "static" {
  for_each = local.static_secrets

  project   = var.project_id
  secret_id = "${var.prefix}-${replace(each.key, "_", "-")}"

  replication {
    auto {}
  }

  depends_on = [google_project_service.api]
}

resource "google_secret_manager_secret_iam_member" "reader" {
  for_each = local.secret_readers

  project   = var.project_id
  secret_id = google_secret_manager_secret.static[each.value.secret].secret_id
  role      = "roles/secretmanager.secretAccessor"
  member    = "serviceAccount:${google_service_account.function[each.value.reader].email}"
}
