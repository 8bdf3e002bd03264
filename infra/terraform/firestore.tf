locals {
  # The one list of composite indexes; a test holds it against every query of the code.
  indexes = {
    for index in jsondecode(file("${path.module}/../firestore.indexes.json")).indexes :
    join("-", concat([index.collectionGroup], [for field in index.fields : field.fieldPath])) => index
  }
}

resource "google_firestore_database" "this" {
  project                           = var.project_id
  name                              = var.firestore_database
  location_id                       = coalesce(var.firestore_location, var.region)
  type                              = "FIRESTORE_NATIVE"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = var.deletion_protection ? "DELETE_PROTECTION_ENABLED" : "DELETE_PROTECTION_DISABLED"
  deletion_policy                   = var.deletion_protection ? "ABANDON" : "DELETE"

  depends_on = [google_project_service.api]
}

resource "google_firestore_index" "composite" {
  for_each = local.indexes

  project     = var.project_id
  database    = google_firestore_database.this.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields
    content {
      field_path = fields.value.fieldPath
      order      = fields.value.order
    }
  }
}

# Consents that nobody finished. The field is the Firestore adapter's; it is not indexed, because times that only grow
# would all be written to one place of the index.
resource "google_firestore_field" "ttl" {
  project    = var.project_id
  database   = google_firestore_database.this.name
  collection = "oauth_states"
  field      = "_ttl"

  ttl_config {}
  index_config {}
}
