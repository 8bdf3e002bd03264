output "redirect_uri" {
  description = "Paste into the Xero app: Configuration, Redirect URIs. Exactly so, last slash and all."
  value       = local.redirect_uri
}

output "webhook_url" {
  description = "Paste into the Xero app: Webhooks, Delivery URL."
  value       = local.webhook_url
}

output "public_url" {
  description = "The origin that people and the clinic's app call; with a domain also the staff page."
  value       = local.public_url
}

output "urls" {
  description = "Each function's own address."
  value       = local.url
}

output "services" {
  description = "Each function's Cloud Run service."
  value       = local.service_name
}

output "load_balancer_ip" {
  description = "Where the domain's A record must point; null without a domain."
  value       = var.domain == null ? null : google_compute_global_address.this[0].address
}

output "image_repository" {
  description = "Where Cloud Build pushes the image."
  value       = "${var.region}-docker.pkg.dev/${var.project_id}/${google_artifact_registry_repository.images.repository_id}/functions"
}

output "secrets" {
  description = "The secrets whose values people put in: gcloud secrets versions add NAME --data-file=-"
  value       = { for name, secret in google_secret_manager_secret.static : name => secret.secret_id }
}

output "tasks_service_account" {
  description = "The only identity that may call worker and reconcile."
  value       = google_service_account.tasks.email
}
