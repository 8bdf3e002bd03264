# A service account for each function, with only what it needs. Every role stands here with its reason; a test refuses
# any other.
locals {
  reasons = {
    "roles/datastore.user"               = "reads and writes the practices' documents, in this database only"
    "roles/secretmanager.secretAccessor" = "reads the client secret or the webhook key, each by itself"
    "roles/cloudtasks.enqueuer"          = "puts work into these queues"
    "roles/iam.serviceAccountUser"       = "gives tasks the identity that may call the worker; and, for deploying, new revisions their function's"
    "roles/run.invoker"                  = "calls this one private function: tasks the worker, the scheduler worker and reconcile, events their function"
    "roles/eventarc.eventReceiver"       = "receives Firestore's events"
    "roles/run.developer"                = "deploys new revisions and shifts traffic, without a say in who may call"
    "roles/artifactregistry.writer"      = "pushes the image"
    "roles/storage.objectViewer"         = "reads the sources that gcloud builds submit uploads, in Cloud Build's own bucket only"
    "roles/logging.logWriter"            = "writes the build's log"
    "token secrets: create"              = "makes a secret for a new consent; Google checks this on the project, not on a name"
    "token secrets: use"                 = "adds, reads and destroys versions, of the consents' secrets only"
  }

  xero_functions = [for name, function in local.functions : name if function.xero]
  data_functions = [for name, function in local.functions : name if function.data]
  enqueues = merge([
    for name, function in local.functions : { for queue in function.tasks : "${name}/${queue}" => { function = name, queue = queue } }
  ]...)
  # The numeric project: so it stands in the resource names that conditions see.
  key_ring_name = "projects/${data.google_project.this.number}/secrets/${local.key_ring}"
  key_ring      = "${var.prefix}-token-keys"
  token_secrets = "projects/${data.google_project.this.number}/secrets/xero-grant-"
}

resource "google_service_account" "function" {
  for_each = local.functions

  project      = var.project_id
  account_id   = substr(local.service_name[each.key], 0, 30)
  display_name = "Clinic Ledger: ${each.key}"
  description  = "Runs the function ${each.key}."
  depends_on   = [google_project_service.api]
}

# Who tasks and scheduled jobs call as. It can call worker and reconcile and nothing else.
resource "google_service_account" "tasks" {
  project      = var.project_id
  account_id   = "${var.prefix}-tasks"
  display_name = "Clinic Ledger: tasks and schedule"
  description  = "The identity of deferred and scheduled work when it calls worker and reconcile."
  depends_on   = [google_project_service.api]
}

resource "google_service_account" "events" {
  project      = var.project_id
  account_id   = "${var.prefix}-events"
  display_name = "Clinic Ledger: events"
  description  = "The identity of Firestore's events when they call their function."
  depends_on   = [google_project_service.api]
}

resource "google_project_iam_member" "data" {
  for_each = toset(local.data_functions)

  project = var.project_id
  role    = "roles/datastore.user"
  member  = "serviceAccount:${google_service_account.function[each.key].email}"

  condition {
    title       = "this-database-only"
    description = local.reasons["roles/datastore.user"]
    expression  = "resource.name == \"projects/${var.project_id}/databases/${var.firestore_database}\""
  }
}

resource "google_cloud_tasks_queue_iam_member" "enqueuer" {
  for_each = local.enqueues

  project  = var.project_id
  location = var.region
  name     = google_cloud_tasks_queue.queue[each.value.queue].name
  role     = "roles/cloudtasks.enqueuer"
  member   = "serviceAccount:${google_service_account.function[each.value.function].email}"
}

resource "google_service_account_iam_member" "acts_as_tasks" {
  for_each = toset([for name, function in local.functions : name if length(function.tasks) > 0])

  service_account_id = google_service_account.tasks.name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${google_service_account.function[each.key].email}"
}

# The consents' secrets are made while the product runs, so their rights go by the name.
resource "google_project_iam_custom_role" "token_secret_creator" {
  project     = var.project_id
  role_id     = "${var.prefix}TokenSecretCreator"
  title       = "Clinic Ledger: create token secrets"
  description = local.reasons["token secrets: create"]
  permissions = ["secretmanager.secrets.create"]
}

resource "google_project_iam_custom_role" "token_secret_user" {
  project     = var.project_id
  role_id     = "${var.prefix}TokenSecretUser"
  title       = "Clinic Ledger: use token secrets"
  description = local.reasons["token secrets: use"]
  permissions = [
    "secretmanager.secrets.delete",
    "secretmanager.secrets.get",
    "secretmanager.versions.access",
    "secretmanager.versions.add",
    "secretmanager.versions.destroy",
    "secretmanager.versions.get",
    "secretmanager.versions.list",
  ]
}

# Only connecting makes a new consent; a refresh adds a version to the secret that is there.
resource "google_project_iam_member" "token_secret_creator" {
  project = var.project_id
  role    = google_project_iam_custom_role.token_secret_creator.name
  member  = "serviceAccount:${google_service_account.function["oauth"].email}"
}

resource "google_project_iam_member" "token_secret_user" {
  for_each = toset(local.xero_functions)

  project = var.project_id
  role    = google_project_iam_custom_role.token_secret_user.name
  member  = "serviceAccount:${google_service_account.function[each.key].email}"

  condition {
    title       = "token-secrets-only"
    description = local.reasons["token secrets: use"]
    expression  = "resource.name.startsWith(\"${local.token_secrets}\") || resource.name == \"${local.key_ring_name}\" || resource.name.startsWith(\"${local.key_ring_name}/\")"
  }
}
