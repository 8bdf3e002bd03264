# One image, one Cloud Run service for each function. Everything that differs between them is in this table.
locals {
  # concurrency: requests at once in one instance, and the threads that serve them.
  # timeout: seconds; longer than the longest outbound call of the function, and for worker than a task's deadline.
  # public: reached without Google's own check, because it has a sign-in, a signature or nothing to hide.
  # xero: calls Xero, so it needs the client secret and the tokens. data: reads and writes Firestore. tasks: the queues
  # it puts work into.
  functions = {
    oauth                 = { public = true, concurrency = 20, timeout = 60, min = 0, max = 5, xero = true, data = true, tasks = local.all_queues }
    contacts              = { public = true, concurrency = 20, timeout = 120, min = 0, max = 10, xero = true, data = true, tasks = local.all_queues }
    invoices              = { public = true, concurrency = 20, timeout = 120, min = 0, max = 10, xero = true, data = true, tasks = local.all_queues }
    settings              = { public = true, concurrency = 20, timeout = 60, min = 0, max = 5, xero = true, data = true, tasks = local.all_queues }
    records               = { public = true, concurrency = 20, timeout = 300, min = 0, max = 5, xero = false, data = true, tasks = local.all_queues }
    activity              = { public = true, concurrency = 20, timeout = 300, min = 0, max = 10, xero = true, data = true, tasks = local.all_queues }
    webhook               = { public = true, concurrency = 80, timeout = 10, min = var.webhook_min_instances, max = 5, xero = false, data = false, tasks = ["pull"] }
    console               = { public = true, concurrency = 80, timeout = 10, min = 0, max = 3, xero = false, data = false, tasks = [] }
    worker                = { public = false, concurrency = 8, timeout = 900, min = 0, max = 20, xero = true, data = true, tasks = local.all_queues }
    reconcile             = { public = false, concurrency = 1, timeout = 900, min = 0, max = 1, xero = false, data = true, tasks = local.all_queues }
    appointment_completed = { public = false, concurrency = 8, timeout = 60, min = 0, max = 5, xero = false, data = true, tasks = ["drain"] }
  }
  all_queues = ["pull", "drain", "bulk"]

  # The load balancer's URL map: which function answers which paths. A test holds it against the local stack's table.
  paths = {
    oauth    = ["/xero/oauth", "/xero/connections"]
    contacts = ["/xero/contacts"]
    invoices = ["/xero/invoices", "/xero/appointments"]
    settings = ["/xero/settings", "/xero/items", "/xero/tracking", "/xero/suggestions", "/xero/accounts", "/xero/tax_rates", "/xero/products", "/xero/branding_themes", "/xero/currencies"]
    records  = ["/clinic"]
    activity = ["/xero/logs", "/xero/attention", "/xero/jobs", "/xero/completeness", "/xero/operations", "/xero/overview", "/xero/admin"]
    webhook  = ["/xero/webhook"]
    console  = ["/"]
  }

  public_functions  = { for name, function in local.functions : name => function if function.public }
  private_functions = { for name, function in local.functions : name => function if !function.public }

  # Names of services and accounts take dashes only.
  service_name = { for name in keys(local.functions) : name => "${var.prefix}-${replace(name, "_", "-")}" }
  # Cloud Run's address of a service is known before the service is, so that functions can name each other.
  url        = { for name, service in local.service_name : name => "https://${service}-${data.google_project.this.number}.${var.region}.run.app" }
  public_url = var.domain == null ? local.url.oauth : "https://${var.domain}"

  redirect_uri = "${local.public_url}/xero/oauth/callback/"
  webhook_url  = "${var.domain == null ? local.url.webhook : local.public_url}/xero/webhook/"
}

data "google_project" "this" {
  project_id = var.project_id
}
