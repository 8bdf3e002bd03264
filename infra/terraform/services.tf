locals {
  environment = merge(
    {
      BACKEND               = "gcp"
      GOOGLE_CLOUD_PROJECT  = var.project_id
      REGION                = var.region
      PUBLIC_URL            = local.public_url
      XERO_CLIENT_ID        = var.xero_client_id
      XERO_REDIRECT_URI     = local.redirect_uri
      AUTH_ISSUER           = var.auth_issuer
      AUTH_AUDIENCE         = var.auth_audience
      TASKS_SERVICE_ACCOUNT = google_service_account.tasks.email
      TASKS_ISSUER          = "https://accounts.google.com"
      TASKS_URL             = local.url.worker
      TASKS_QUEUE_PREFIX    = "${var.prefix}-"
      FIRESTORE_DATABASE    = var.firestore_database
      TOKEN_STORE           = var.token_store
      TOKEN_KEY_RING        = local.key_ring
    },
    var.settings,
  )

  # What functions-framework needs to run one of the functions of the image.
  runtime = {
    for name, function in local.functions : name => {
      FUNCTION_TARGET           = name
      FUNCTION_SOURCE           = "functions/${name}/main.py"
      FUNCTION_SIGNATURE_TYPE   = name == "appointment_completed" ? "cloudevent" : "http"
      PYTHONPATH                = "/workspace"
      THREADS                   = tostring(function.concurrency)
      CLOUD_RUN_TIMEOUT_SECONDS = tostring(function.timeout)
    }
  }

  # Each checks that a task's token was made for itself. Behind Google's own check the signature is taken out of the
  # token once it was checked.
  own = {
    worker = {
      TASKS_AUDIENCE  = local.url.worker
      TASKS_SIGNATURE = "removed"
    }
    reconcile = {
      TASKS_AUDIENCE  = local.url.reconcile
      TASKS_SIGNATURE = "removed"
    }
  }
}

resource "google_cloud_run_v2_service" "function" {
  for_each = local.functions

  project              = var.project_id
  location             = var.region
  name                 = local.service_name[each.key]
  description          = "Clinic Ledger: ${each.key}"
  deletion_protection  = var.deletion_protection
  invoker_iam_disabled = each.value.public
  # Tasks, schedule and events of the project count as internal. The public ones also answer at their own address where
  # there is a load balancer: that is how a new revision is asked before it gets traffic.
  ingress = each.value.public ? "INGRESS_TRAFFIC_ALL" : "INGRESS_TRAFFIC_INTERNAL_ONLY"

  template {
    service_account                  = google_service_account.function[each.key].email
    timeout                          = "${each.value.timeout}s"
    max_instance_request_concurrency = each.value.concurrency

    scaling {
      min_instance_count = each.value.min
      max_instance_count = each.value.max
    }

    containers {
      image = var.image

      resources {
        limits            = { cpu = "1", memory = "512Mi" }
        cpu_idle          = true
        startup_cpu_boost = true
      }

      dynamic "env" {
        for_each = merge(local.environment, lookup(local.own, each.key, {}), local.runtime[each.key])
        content {
          name  = env.key
          value = env.value
        }
      }

      dynamic "env" {
        for_each = { for secret, of in local.static_secrets : of.env => secret if contains(of.readers, each.key) }
        content {
          name = env.key
          value_source {
            secret_key_ref {
              secret  = google_secret_manager_secret.static[env.value].secret_id
              version = tostring(var.secret_versions[env.value])
            }
          }
        }
      }
    }
  }

  # Cloud Build deploys images and shifts traffic; Terraform would take both back.
  lifecycle {
    ignore_changes = [template[0].containers[0].image, template[0].revision, traffic, client, client_version]
  }

  depends_on = [
    google_project_service.api,
    google_secret_manager_secret_iam_member.reader,
  ]
}

# The private functions: who may call each of them, and nobody else.
locals {
  invokers = {
    "worker/tasks"                 = { function = "worker", account = google_service_account.tasks.email }
    "reconcile/tasks"              = { function = "reconcile", account = google_service_account.tasks.email }
    "appointment_completed/events" = { function = "appointment_completed", account = google_service_account.events.email }
  }
}

resource "google_cloud_run_v2_service_iam_member" "invoker" {
  for_each = local.invokers

  project  = var.project_id
  location = var.region
  name     = google_cloud_run_v2_service.function[each.value.function].name
  role     = "roles/run.invoker"
  member   = "serviceAccount:${each.value.account}"
}
