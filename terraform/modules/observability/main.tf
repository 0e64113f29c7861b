locals {
  run      = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${var.service}\""
  channels = [for channel in google_monitoring_notification_channel.email : channel.id]
  runbooks = "docs/runbooks"

  # Counted from the service's own log lines, for these say why: Cloud Run's metrics only say how many.
  log_metrics = {
    csrf_failures = { description = "Changes refused because they may not have come from our own page.", filter = "jsonPayload.message:\"CSRF failure:\"" }
    tasks_added   = { description = "Requests that added a task.", filter = "jsonPayload.message:\"Task added:\"" }
    errors        = { description = "Lines of severity ERROR and above.", filter = "severity>=ERROR" }
  }

  # Burn rates of a 30-day budget: 2% of it in an hour, 5% in six, 10% in three days. Each needs its short window to burn as well, so
  # that an alert ends when its cause does.
  burn = {
    fast   = { rate = 14.4, long = "3600s", short = "300s", severity = "CRITICAL" }
    medium = { rate = 6, long = "21600s", short = "1800s", severity = "CRITICAL" }
    slow   = { rate = 1, long = "259200s", short = "21600s", severity = "WARNING" }
  }
  slos = { availability = google_monitoring_slo.availability.name, latency = google_monitoring_slo.latency.name }
  alerts = {
    for pair in setproduct(keys(local.slos), keys(local.burn)) : "${pair[0]}-${pair[1]}" => merge(local.burn[pair[1]], { slo = local.slos[pair[0]], name = pair[0] })
  }
}

resource "google_monitoring_notification_channel" "email" {
  for_each     = toset(var.alert_emails)
  display_name = each.value
  type         = "email"
  labels       = { email_address = each.value }
  user_labels  = var.labels
}

resource "google_monitoring_uptime_check_config" "health" {
  display_name     = "${var.service} answers"
  timeout          = "10s"
  period           = "60s"
  selected_regions = ["EUROPE", "USA_VIRGINIA", "ASIA_PACIFIC"]
  user_labels      = var.labels

  http_check {
    path         = "/health"
    port         = 443
    use_ssl      = true
    validate_ssl = true
    accepted_response_status_codes {
      status_class = "STATUS_CLASS_2XX"
    }
    dynamic "service_agent_authentication" {
      for_each = var.probe_with_identity ? [1] : []
      content {
        type = "OIDC_TOKEN"
      }
    }
  }

  monitored_resource {
    type   = "uptime_url"
    labels = { project_id = var.project_id, host = trimprefix(var.url, "https://") }
  }
}

resource "google_monitoring_alert_policy" "down" {
  display_name          = "${var.service} does not answer"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = "no answer from two regions for two minutes"
    condition_threshold {
      filter          = "resource.type=\"uptime_url\" AND metric.type=\"monitoring.googleapis.com/uptime_check/check_passed\" AND metric.labels.check_id=\"${google_monitoring_uptime_check_config.health.uptime_check_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 1
      duration        = "120s"
      aggregations {
        alignment_period     = "60s"
        per_series_aligner   = "ALIGN_NEXT_OLDER"
        cross_series_reducer = "REDUCE_COUNT_FALSE"
        group_by_fields      = ["resource.label.host"]
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "The service answers nobody. Runbook: ${local.runbooks}/down.md"
  }
  alert_strategy {
    auto_close = "86400s"
  }
}

resource "google_logging_metric" "this" {
  for_each    = local.log_metrics
  name        = "${var.service}/${each.key}"
  description = each.value.description
  filter      = "${local.run} AND ${each.value.filter}"

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
    labels {
      key        = "revision"
      value_type = "STRING"
    }
  }
  label_extractors = { revision = "EXTRACT(resource.labels.revision_name)" }
}

resource "google_monitoring_alert_policy" "csrf" {
  display_name          = "${var.service}: forged changes"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels
  user_labels           = var.labels

  conditions {
    display_name = "more than 10 refused changes in five minutes"
    condition_threshold {
      filter          = "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/${google_logging_metric.this["csrf_failures"].name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 10
      duration        = "0s"
      aggregations {
        alignment_period     = "300s"
        per_series_aligner   = "ALIGN_DELTA"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "Somebody sends changes that do not come from our page, or a release broke its forms. Runbook: ${local.runbooks}/csrf-failures.md"
  }
  alert_strategy {
    auto_close = "86400s"
  }
}

resource "google_monitoring_custom_service" "this" {
  service_id   = var.service
  display_name = var.service
  user_labels  = var.labels
}

resource "google_monitoring_slo" "availability" {
  service             = google_monitoring_custom_service.this.service_id
  slo_id              = "availability"
  display_name        = "${var.availability_goal * 100}% of requests do not fail"
  goal                = var.availability_goal
  rolling_period_days = 30
  user_labels         = var.labels

  request_based_sli {
    good_total_ratio {
      total_service_filter = "${local.run} AND metric.type=\"run.googleapis.com/request_count\""
      bad_service_filter   = "${local.run} AND metric.type=\"run.googleapis.com/request_count\" AND metric.labels.response_code_class=\"5xx\""
    }
  }
}

resource "google_monitoring_slo" "latency" {
  service             = google_monitoring_custom_service.this.service_id
  slo_id              = "latency"
  display_name        = "${var.latency_goal * 100}% of requests are answered in ${var.latency_ms} ms"
  goal                = var.latency_goal
  rolling_period_days = 30
  user_labels         = var.labels

  request_based_sli {
    distribution_cut {
      distribution_filter = "${local.run} AND metric.type=\"run.googleapis.com/request_latencies\""
      range {
        max = var.latency_ms
      }
    }
  }
}

resource "google_monitoring_alert_policy" "burn" {
  for_each              = local.alerts
  display_name          = "${var.service}: ${each.key} budget burns"
  combiner              = "AND"
  severity              = each.value.severity
  notification_channels = local.channels
  user_labels           = var.labels

  dynamic "conditions" {
    for_each = { long = each.value.long, short = each.value.short }
    content {
      display_name = "${conditions.value} at ${each.value.rate} times the rate"
      condition_threshold {
        filter          = "select_slo_burn_rate(\"${each.value.slo}\", \"${conditions.value}\")"
        comparison      = "COMPARISON_GT"
        threshold_value = each.value.rate
        duration        = "0s"
      }
    }
  }
  documentation {
    mime_type = "text/markdown"
    content   = "The ${each.value.name} budget of 30 days is spent ${each.value.rate} times as fast as it lasts. Runbook: ${local.runbooks}/${each.value.name}.md"
  }
  alert_strategy {
    auto_close = "86400s"
  }
}

resource "google_logging_project_bucket_config" "default" {
  project        = var.project_id
  location       = "global"
  bucket_id      = "_Default"
  retention_days = var.log_retention_days
}

# Who read which secret and who changed the service: Google keeps changes always, reads only where it is told to.
resource "google_project_iam_audit_config" "this" {
  for_each = toset(["secretmanager.googleapis.com", "run.googleapis.com", "iam.googleapis.com", "sts.googleapis.com", "cloudkms.googleapis.com"])
  project  = var.project_id
  service  = each.key
  dynamic "audit_log_config" {
    for_each = toset(["ADMIN_READ", "DATA_READ", "DATA_WRITE"])
    content {
      log_type = audit_log_config.key
    }
  }
}

resource "google_billing_budget" "this" {
  count           = var.monthly_budget == null ? 0 : 1
  billing_account = var.billing_account
  display_name    = "${var.service} in ${var.project_id}"

  budget_filter {
    projects = ["projects/${var.project_id}"]
  }
  amount {
    specified_amount {
      units = tostring(floor(var.monthly_budget))
    }
  }
  dynamic "threshold_rules" {
    for_each = [0.5, 0.9, 1]
    content {
      threshold_percent = threshold_rules.value
    }
  }
  all_updates_rule {
    monitoring_notification_channels = local.channels
    disable_default_iam_recipients   = false
  }
}

resource "google_monitoring_dashboard" "this" {
  dashboard_json = jsonencode({
    displayName = var.service
    labels      = { for key, value in var.labels : key => value }
    mosaicLayout = {
      columns = 12
      tiles = [
        for index, tile in [
          { title = "Requests by revision", metric = "run.googleapis.com/request_count", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group = "resource.label.revision_name" },
          { title = "Requests by outcome", metric = "run.googleapis.com/request_count", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group = "metric.label.response_code_class" },
          { title = "95th percentile of latency by revision", metric = "run.googleapis.com/request_latencies", aligner = "ALIGN_DELTA", reducer = "REDUCE_PERCENTILE_95", group = "resource.label.revision_name" },
          { title = "Instances", metric = "run.googleapis.com/container/instance_count", aligner = "ALIGN_MAX", reducer = "REDUCE_SUM", group = "metric.label.state" },
          { title = "CSRF failures", metric = "logging.googleapis.com/user/${google_logging_metric.this["csrf_failures"].name}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group = "metric.label.revision" },
          { title = "Tasks added", metric = "logging.googleapis.com/user/${google_logging_metric.this["tasks_added"].name}", aligner = "ALIGN_RATE", reducer = "REDUCE_SUM", group = "metric.label.revision" },
          ] : {
          xPos   = (index % 2) * 6
          yPos   = floor(index / 2) * 4
          width  = 6
          height = 4
          widget = {
            title = tile.title
            xyChart = {
              dataSets = [{
                plotType = "LINE"
                timeSeriesQuery = {
                  timeSeriesFilter = {
                    filter = "${local.run} AND metric.type=\"${tile.metric}\""
                    aggregation = {
                      alignmentPeriod    = "60s"
                      perSeriesAligner   = tile.aligner
                      crossSeriesReducer = tile.reducer
                      groupByFields      = [tile.group]
                    }
                  }
                }
              }]
            }
          }
        }
      ]
    }
  })
}
