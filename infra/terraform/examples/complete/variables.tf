# What each means and may be is said, and checked, by the module (../../variables.tf).
variable "project_id" {
  description = "The Google Cloud project."
  type        = string
}

variable "region" {
  description = "The region."
  type        = string
}

variable "image" {
  description = "The image of all functions, by digest; before the first build the placeholder."
  type        = string
  default     = "us-docker.pkg.dev/cloudrun/container/hello"
}

variable "domain" {
  description = "The domain of the load balancer, or null."
  type        = string
  default     = null
}

variable "xero_client_id" {
  description = "The Xero app's client id."
  type        = string
}

variable "auth_issuer" {
  description = "The OpenID Connect issuer that signs people in."
  type        = string
}

variable "auth_audience" {
  description = "The audience of people's tokens."
  type        = string
}

variable "alert_email" {
  description = "Who is told when something is wrong."
  type        = string
}

variable "organisations" {
  description = "How many Xero organisations are expected."
  type        = number
  default     = 1
}

variable "budget" {
  description = "The billing account and the monthly amount, or null."
  type = object({
    billing_account = string
    amount          = number
  })
  default = null
}

variable "repository" {
  description = "The Cloud Build repository and branch to deploy from, or null."
  type = object({
    name   = string
    branch = optional(string, "^main$")
  })
  default = null
}

variable "settings" {
  description = "Further environment variables of the functions."
  type        = map(string)
  default     = {}
}
