variable "project_id" {
  description = "The Google Cloud project that everything is made in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "project_id is the project's id (small letters, digits, dashes), not its name or number."
  }
}

variable "region" {
  description = "The region of functions, queues and scheduler, such as australia-southeast1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region looks like australia-southeast1."
  }
}

variable "firestore_location" {
  description = "Where Firestore keeps the data: a region, or a multi-region such as nam5 or eur3. Null: the region. Cannot be changed later."
  type        = string
  default     = null
}

variable "firestore_database" {
  description = "The Firestore database's name; another than (default) where the project has one already."
  type        = string
  default     = "(default)"

  validation {
    condition     = can(regex("^(\\(default\\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$", var.firestore_database))
    error_message = "firestore_database is (default), or 4 to 63 small letters, digits and dashes."
  }
}

variable "prefix" {
  description = "What the names of services, queues and accounts begin with."
  type        = string
  default     = "ledger"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,7}$", var.prefix))
    error_message = "prefix is 2 to 8 small letters and digits: names of service accounts have room for 30 characters."
  }
}

variable "image" {
  description = "The image of all functions, by digest: REGION-docker.pkg.dev/PROJECT/ledger/functions@sha256:... Cloud Build deploys later ones; Terraform leaves those alone."
  type        = string

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image)) || var.image == "us-docker.pkg.dev/cloudrun/container/hello"
    error_message = "image must end in @sha256: and 64 hex digits. Before the first build, us-docker.pkg.dev/cloudrun/container/hello stands in."
  }
}

variable "domain" {
  description = "One domain for all functions behind a load balancer, such as ledger.example.com. Null: no load balancer, each function at its own run.app address, and no staff page."
  type        = string
  default     = null

  validation {
    condition     = var.domain == null || can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain is a bare name such as ledger.example.com, without https:// and path."
  }
}

variable "xero_client_id" {
  description = "The client id of the Xero app. Not a secret."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9]{16,64}$", var.xero_client_id))
    error_message = "xero_client_id is the 32 letters and digits that Xero's developer portal shows."
  }
}

variable "secret_versions" {
  description = "The versions in use of the secrets that people put in: client secret and webhook key. By number, so that a rollback takes the value it had."
  type = object({
    xero_client_secret = number
    xero_webhook_key   = number
  })
  default = {
    xero_client_secret = 1
    xero_webhook_key   = 1
  }

  validation {
    condition     = alltrue([for version in values(var.secret_versions) : version >= 1 && floor(version) == version])
    error_message = "secret_versions are version numbers of Secret Manager: 1, 2, 3."
  }
}

variable "token_store" {
  description = "Where the practices' Xero tokens are kept: secret_manager (one secret per consent) or firestore (sealed with a key ring from Secret Manager; for large fleets)."
  type        = string
  default     = "secret_manager"

  validation {
    condition     = contains(["secret_manager", "firestore"], var.token_store)
    error_message = "token_store is secret_manager or firestore."
  }
}

variable "auth_issuer" {
  description = "The OpenID Connect issuer that signs people in, such as https://securetoken.google.com/PROJECT."
  type        = string

  validation {
    condition     = can(regex("^https://[^ ]+[^/ ]$", var.auth_issuer))
    error_message = "auth_issuer starts with https:// and has no slash at its end."
  }
}

variable "auth_audience" {
  description = "The audience that a person's token must carry."
  type        = string
}

variable "settings" {
  description = "Further environment variables of the functions, by the names of the README's configuration table."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.settings), ["XERO_CLIENT_SECRET", "XERO_WEBHOOK_KEY", "BACKEND", "STATE_DIR", "REHEARSAL_URL", "CLOCK_AHEAD_SECONDS"])) == 0
    error_message = "Secrets belong into Secret Manager, and BACKEND, STATE_DIR, REHEARSAL_URL and CLOCK_AHEAD_SECONDS are not for a deployment."
  }
}

variable "organisations" {
  description = "How many Xero organisations are expected. Xero allows each 5 calls at once and 60 a minute; the queues' rates follow from it."
  type        = number
  default     = 1

  validation {
    condition     = var.organisations >= 1 && floor(var.organisations) == var.organisations
    error_message = "organisations is a whole number, at least 1."
  }
}

variable "queue_concurrency" {
  description = "How many tasks of each queue run at once, for each organisation, at most 5 in all: Xero's limit of concurrent calls."
  type = object({
    pull  = number
    drain = number
    bulk  = number
  })
  default = {
    pull  = 2
    drain = 2
    bulk  = 1
  }

  validation {
    condition     = sum(values(var.queue_concurrency)) <= 5 && alltrue([for n in values(var.queue_concurrency) : n >= 1])
    error_message = "The queues' concurrency adds up to 5 at most, each at least 1: Xero answers 429 to a sixth call at once."
  }
}

variable "webhook_min_instances" {
  description = "Instances of the webhook kept warm. Xero waits five seconds for an answer and switches a webhook off after a day of failures."
  type        = number
  default     = 1
}

variable "time_zone" {
  description = "The IANA zone of the scheduled jobs' hours."
  type        = string
  default     = "Etc/UTC"
}

variable "alert_email" {
  description = "Who is told when something is wrong."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alert_email))
    error_message = "alert_email is an e-mail address."
  }
}

variable "webhook_silent_hours" {
  description = "After so many hours without an accepted webhook call somebody is told. At most 23: Cloud Monitoring looks back no further."
  type        = number
  default     = 23

  validation {
    condition     = var.webhook_silent_hours >= 1 && var.webhook_silent_hours <= 23
    error_message = "webhook_silent_hours is 1 to 23."
  }
}

variable "budget" {
  description = "A monthly budget with warnings at 50, 90 and 100 percent: the billing account, and the amount in its currency. Null: none."
  type = object({
    billing_account = string
    amount          = number
  })
  default = null
}

variable "repository" {
  description = "The repository that Cloud Build deploys from: the name of a Cloud Build repository connection (projects/P/locations/R/connections/C/repositories/X) and the branch. Null: no trigger."
  type = object({
    name   = string
    branch = optional(string, "^main$")
  })
  default = null
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the database and the services. Turn it off only for a trial."
  type        = bool
  default     = true
}
