output "redirect_uri" {
  description = "For the Xero app: Configuration, Redirect URIs."
  value       = module.ledger.redirect_uri
}

output "webhook_url" {
  description = "For the Xero app: Webhooks, Delivery URL."
  value       = module.ledger.webhook_url
}

output "public_url" {
  description = "The origin that people and the clinic's app call."
  value       = module.ledger.public_url
}

output "urls" {
  description = "Each function's own address."
  value       = module.ledger.urls
}

output "image_repository" {
  description = "Where Cloud Build pushes the image."
  value       = module.ledger.image_repository
}

output "secrets" {
  description = "The secrets whose values people put in."
  value       = module.ledger.secrets
}

output "load_balancer_ip" {
  description = "Where the domain's A record must point."
  value       = module.ledger.load_balancer_ip
}
