# The whole stack in one project. Copy this folder, fill in terraform.tfvars, and follow docs/operations.md.
terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
  }

  # Keep the state where colleagues and Cloud Build find it; it holds no secret.
  # backend "gcs" {
  #   bucket = "my-project-terraform"
  #   prefix = "clinic-ledger"
  # }
}

provider "google" {
  project = var.project_id
  region  = var.region
  # Budgets are billed to this project's quota.
  billing_project       = var.project_id
  user_project_override = true
}

module "ledger" {
  source = "../.."

  project_id     = var.project_id
  region         = var.region
  image          = var.image
  domain         = var.domain
  xero_client_id = var.xero_client_id
  auth_issuer    = var.auth_issuer
  auth_audience  = var.auth_audience
  alert_email    = var.alert_email
  organisations  = var.organisations
  budget         = var.budget
  repository     = var.repository
  settings       = var.settings
}
