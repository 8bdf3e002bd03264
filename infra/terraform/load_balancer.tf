# Optional: one domain for all public functions. Without it each has its own address and the staff page, which wants one
# origin, is not of use.
locals {
  balanced = var.domain == null ? {} : local.public_functions
  one      = var.domain == null ? 0 : 1
}

resource "google_compute_global_address" "this" {
  count = local.one

  project    = var.project_id
  name       = "${var.prefix}-address"
  depends_on = [google_project_service.api]
}

resource "google_compute_managed_ssl_certificate" "this" {
  count = local.one

  project = var.project_id
  name    = "${var.prefix}-certificate"

  managed {
    domains = [var.domain]
  }

  depends_on = [google_project_service.api]
}

resource "google_compute_region_network_endpoint_group" "function" {
  for_each = local.balanced

  project               = var.project_id
  region                = var.region
  name                  = local.service_name[each.key]
  network_endpoint_type = "SERVERLESS"

  cloud_run {
    service = google_cloud_run_v2_service.function[each.key].name
  }
}

resource "google_compute_backend_service" "function" {
  for_each = local.balanced

  project               = var.project_id
  name                  = local.service_name[each.key]
  load_balancing_scheme = "EXTERNAL_MANAGED"
  protocol              = "HTTPS"

  backend {
    group = google_compute_region_network_endpoint_group.function[each.key].id
  }
}

resource "google_compute_url_map" "this" {
  count = local.one

  project         = var.project_id
  name            = "${var.prefix}-paths"
  default_service = google_compute_backend_service.function["console"].id

  host_rule {
    hosts        = [var.domain]
    path_matcher = "functions"
  }

  path_matcher {
    name            = "functions"
    default_service = google_compute_backend_service.function["console"].id

    dynamic "path_rule" {
      for_each = { for name, starts in local.paths : name => starts if name != "console" }
      content {
        paths   = flatten([for start in path_rule.value : [start, "${start}/*"]])
        service = google_compute_backend_service.function[path_rule.key].id
      }
    }
  }
}

resource "google_compute_target_https_proxy" "this" {
  count = local.one

  project          = var.project_id
  name             = "${var.prefix}-https"
  url_map          = google_compute_url_map.this[0].id
  ssl_certificates = [google_compute_managed_ssl_certificate.this[0].id]
}

resource "google_compute_global_forwarding_rule" "https" {
  count = local.one

  project               = var.project_id
  name                  = "${var.prefix}-https"
  load_balancing_scheme = "EXTERNAL_MANAGED"
  ip_address            = google_compute_global_address.this[0].id
  target                = google_compute_target_https_proxy.this[0].id
  port_range            = "443"
}
