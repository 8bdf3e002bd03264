# An appointment was written in Firestore. The event says which; the function reads the rest itself.
resource "google_eventarc_trigger" "appointment_written" {
  project                 = var.project_id
  name                    = "${var.prefix}-appointment-written"
  location                = coalesce(var.firestore_location, var.region) # where the database is, or it gets nothing
  service_account         = google_service_account.events.email
  event_data_content_type = "application/protobuf" # the only one Firestore sends

  matching_criteria {
    attribute = "type"
    value     = "google.cloud.firestore.document.v1.written"
  }
  matching_criteria {
    attribute = "database"
    value     = var.firestore_database
  }
  matching_criteria {
    attribute = "document"
    operator  = "match-path-pattern"
    value     = "practices/{practice}/appointments/{appointment}"
  }

  destination {
    cloud_run_service {
      service = google_cloud_run_v2_service.function["appointment_completed"].name
      region  = var.region
      path    = "/"
    }
  }

  depends_on = [google_project_iam_member.event_receiver, google_firestore_database.this]
}

resource "google_project_iam_member" "event_receiver" {
  project = var.project_id
  role    = "roles/eventarc.eventReceiver"
  member  = "serviceAccount:${google_service_account.events.email}"
}
