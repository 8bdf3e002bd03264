# Cloud Build: tests, builds the image once, deploys every function (see cloudbuild.yaml).
resource "google_service_account" "build" {
  project      = var.project_id
  account_id   = "${var.prefix}-build"
  display_name = "Clinic Ledger: build and deploy"
  description  = "Runs cloudbuild.yaml. Reads no data and no secret."
  depends_on   = [google_project_service.api]
}

resource "google_artifact_registry_repository_iam_member" "build" {
  project    = var.project_id
  location   = var.region
  repository = google_artifact_registry_repository.images.name
  role       = "roles/artifactregistry.writer"
  member     = "serviceAccount:${google_service_account.build.email}"
}

resource "google_cloud_run_v2_service_iam_member" "build" {
  for_each = local.functions

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.function[each.key].name
  role     = "roles/run.developer"
  member   = "serviceAccount:${google_service_account.build.email}"
}

resource "google_service_account_iam_member" "build_acts_as" {
  for_each = local.functions

  service_account_id = google_service_account.function[each.key].name
  role               = "roles/iam.serviceAccountUser"
  member             = "serviceAccount:${google_service_account.build.email}"
}

resource "google_project_iam_member" "build_log" {
  project = var.project_id
  role    = "roles/logging.logWriter"
  member  = "serviceAccount:${google_service_account.build.email}"
}

resource "google_project_iam_member" "build_source" {
  project = var.project_id
  role    = "roles/storage.objectViewer"
  member  = "serviceAccount:${google_service_account.build.email}"

  condition {
    title       = "cloud-builds-bucket-only"
    description = local.reasons["roles/storage.objectViewer"]
    expression  = "resource.name.startsWith(\"projects/_/buckets/${var.project_id}_\")"
  }
}

resource "google_cloudbuild_trigger" "deploy" {
  count = var.repository == null ? 0 : 1

  project         = var.project_id
  location        = var.region
  name            = "${var.prefix}-deploy"
  description     = "Every push to ${var.repository.branch}: test, build, deploy, check, shift traffic."
  filename        = "cloudbuild.yaml"
  service_account = google_service_account.build.id

  substitutions = {
    _REGION = var.region
    _PREFIX = var.prefix
  }

  repository_event_config {
    repository = var.repository.name
    push {
      branch = var.repository.branch
    }
  }
}
