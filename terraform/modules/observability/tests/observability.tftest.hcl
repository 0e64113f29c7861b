mock_provider "google" {
  override_during = plan
  mock_resource "google_monitoring_slo" {
    defaults = { name = "projects/1/services/todo/serviceLevelObjectives/one" }
  }
  mock_resource "google_monitoring_notification_channel" {
    defaults = { id = "projects/p/notificationChannels/1" }
  }
  mock_resource "google_monitoring_uptime_check_config" {
    defaults = { uptime_check_id = "todo-answers" }
  }
}

variables {
  project_id          = "example-project"
  service             = "todo-production"
  region              = "europe-west1"
  url                 = "https://todo-production-abc-ew.a.run.app"
  probe_with_identity = true
  alert_emails        = ["on-call@example.com"]
  log_retention_days  = 400
  labels              = { service = "todo" }
}

run "somebody_is_told" {
  command = plan
  assert {
    condition     = google_monitoring_notification_channel.email["on-call@example.com"].labels["email_address"] == "on-call@example.com"
    error_message = "The address is the one that was given."
  }
  assert {
    condition     = alltrue([for policy in concat([google_monitoring_alert_policy.down, google_monitoring_alert_policy.csrf], values(google_monitoring_alert_policy.burn)) : policy.notification_channels == tolist(["projects/p/notificationChannels/1"])])
    error_message = "Every alert reaches somebody."
  }
  assert {
    condition     = alltrue([for policy in concat([google_monitoring_alert_policy.down, google_monitoring_alert_policy.csrf], values(google_monitoring_alert_policy.burn)) : can(regex("docs/runbooks/[a-z-]+\\.md", policy.documentation[0].content))])
    error_message = "Every alert says what to do."
  }
  assert {
    condition     = alltrue([for policy in concat([google_monitoring_alert_policy.down, google_monitoring_alert_policy.csrf], values(google_monitoring_alert_policy.burn)) : policy.alert_strategy[0].auto_close == "86400s"])
    error_message = "An alert whose cause is gone closes by itself."
  }
  assert {
    condition     = google_monitoring_alert_policy.down.severity == "CRITICAL"
    error_message = "That nobody is answered is critical."
  }
}

run "it_is_asked_from_three_places_each_minute" {
  command = plan
  assert {
    condition     = google_monitoring_uptime_check_config.health.period == "60s" && length(google_monitoring_uptime_check_config.health.selected_regions) == 3
    error_message = "Three places, each minute."
  }
  assert {
    condition     = google_monitoring_uptime_check_config.health.http_check[0].use_ssl == true && google_monitoring_uptime_check_config.health.http_check[0].validate_ssl == true && google_monitoring_uptime_check_config.health.http_check[0].port == 443
    error_message = "It is asked by TLS, and the certificate must hold."
  }
  assert {
    condition     = google_monitoring_uptime_check_config.health.http_check[0].path == "/health"
    error_message = "Whether the process lives, not whether its database does: that has alerts of its own."
  }
  assert {
    condition     = google_monitoring_uptime_check_config.health.http_check[0].service_agent_authentication[0].type == "OIDC_TOKEN"
    error_message = "A service that isn't public is asked with an identity."
  }
  assert {
    condition     = google_monitoring_uptime_check_config.health.monitored_resource[0].labels["host"] == "todo-production-abc-ew.a.run.app"
    error_message = "The host is the service's."
  }
  assert {
    condition     = strcontains(google_monitoring_alert_policy.down.conditions[0].condition_threshold[0].filter, "metric.labels.check_id=\"todo-answers\"")
    error_message = "The alert is about this check."
  }
}

run "a_public_service_is_asked_without_an_identity" {
  command = plan
  variables {
    probe_with_identity = false
  }
  assert {
    condition     = length(google_monitoring_uptime_check_config.health.http_check[0].service_agent_authentication) == 0
    error_message = "A public service is asked as everybody asks it."
  }
}

run "objectives_are_watched_at_three_speeds" {
  command = plan
  assert {
    condition     = google_monitoring_slo.availability.goal == 0.999 && google_monitoring_slo.availability.rolling_period_days == 30
    error_message = "99.9% over 30 days by default."
  }
  assert {
    condition     = google_monitoring_slo.latency.goal == 0.95 && google_monitoring_slo.latency.request_based_sli[0].distribution_cut[0].range[0].max == 500
    error_message = "95% within half a second by default."
  }
  assert {
    condition     = strcontains(google_monitoring_slo.availability.request_based_sli[0].good_total_ratio[0].bad_service_filter, "response_code_class=\"5xx\"")
    error_message = "Only what failed by our fault is bad."
  }
  assert {
    condition     = toset(keys(google_monitoring_alert_policy.burn)) == toset(["availability-fast", "availability-medium", "availability-slow", "latency-fast", "latency-medium", "latency-slow"])
    error_message = "Both objectives at three speeds."
  }
  assert {
    condition     = alltrue([for policy in google_monitoring_alert_policy.burn : policy.combiner == "AND" && length(policy.conditions) == 2])
    error_message = "The long and the short window must both burn."
  }
  assert {
    condition     = toset([for policy in google_monitoring_alert_policy.burn : policy.conditions[0].condition_threshold[0].threshold_value]) == toset([14.4, 6, 1])
    error_message = "2% in an hour, 5% in six, 10% in three days."
  }
  assert {
    condition     = google_monitoring_alert_policy.burn["availability-slow"].severity == "WARNING" && google_monitoring_alert_policy.burn["availability-fast"].severity == "CRITICAL"
    error_message = "A slow burn waits for the morning."
  }
}

run "forged_changes_are_counted_and_told" {
  command = plan
  assert {
    condition     = google_logging_metric.this["csrf_failures"].filter == "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"todo-production\" AND jsonPayload.message:\"CSRF failure:\""
    error_message = "The service's own lines are counted, and no other's."
  }
  assert {
    condition     = alltrue([for metric in google_logging_metric.this : metric.metric_descriptor[0].metric_kind == "DELTA" && metric.metric_descriptor[0].value_type == "INT64"])
    error_message = "They are counters."
  }
  assert {
    condition     = alltrue([for metric in google_logging_metric.this : metric.label_extractors == tomap({ revision = "EXTRACT(resource.labels.revision_name)" })])
    error_message = "Each is told by revision, so that a release can be judged by it."
  }
  assert {
    condition     = google_monitoring_alert_policy.csrf.conditions[0].condition_threshold[0].threshold_value == 10
    error_message = "More than ten in five minutes are told."
  }
}

run "who_did_what_is_kept" {
  command = plan
  assert {
    condition     = google_logging_project_bucket_config.default.retention_days == 400
    error_message = "Logs are kept as long as was said."
  }
  assert {
    condition     = contains(keys(google_project_iam_audit_config.this), "secretmanager.googleapis.com") && contains(keys(google_project_iam_audit_config.this), "cloudkms.googleapis.com") && contains(keys(google_project_iam_audit_config.this), "run.googleapis.com")
    error_message = "Who read a secret, who signed, who deployed."
  }
  assert {
    condition     = alltrue([for config in google_project_iam_audit_config.this : toset([for log in config.audit_log_config : log.log_type]) == toset(["ADMIN_READ", "DATA_READ", "DATA_WRITE"])])
    error_message = "Reads are kept as well as changes."
  }
  assert {
    condition     = alltrue(flatten([for config in google_project_iam_audit_config.this : [for log in config.audit_log_config : length(coalesce(log.exempted_members, [])) == 0]]))
    error_message = "Nobody is exempt."
  }
}

run "a_budget_where_it_was_asked_for" {
  command = plan
  variables {
    monthly_budget  = 50
    billing_account = "012345-6789AB-CDEF01"
  }
  assert {
    condition     = google_billing_budget.this[0].amount[0].specified_amount[0].units == "50"
    error_message = "The amount is the one that was given."
  }
  assert {
    condition     = toset([for rule in google_billing_budget.this[0].threshold_rules : rule.threshold_percent]) == toset([0.5, 0.9, 1])
    error_message = "It is told at half, at nine tenths, and at all of it."
  }
}

run "no_budget_where_none_was_asked_for" {
  command = plan
  assert {
    condition     = length(google_billing_budget.this) == 0
    error_message = "A budget needs a billing account."
  }
}

run "the_dashboard_shows_the_release" {
  command = plan
  assert {
    condition     = length(jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles) == 6
    error_message = "Six graphs."
  }
  assert {
    condition     = alltrue([for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : tile.xPos + tile.width <= 12])
    error_message = "No graph hangs over the edge."
  }
  assert {
    condition     = anytrue([for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : tile.widget.title == "CSRF failures"])
    error_message = "CSRF failures have a graph, as in the original."
  }
}

run "a_budget_without_a_billing_account_is_refused" {
  command = plan
  variables {
    monthly_budget = 50
  }
  expect_failures = [var.billing_account]
}

run "alerts_to_nobody_are_refused" {
  command = plan
  variables {
    alert_emails = []
  }
  expect_failures = [var.alert_emails]
}

run "a_goal_that_cannot_be_missed_is_refused" {
  command = plan
  variables {
    availability_goal = 0.5
  }
  expect_failures = [var.availability_goal]
}

run "a_url_without_tls_is_refused" {
  command = plan
  variables {
    url = "http://todo.example.com"
  }
  expect_failures = [var.url]
}

run "logs_for_a_week_are_refused" {
  command = plan
  variables {
    log_retention_days = 7
  }
  expect_failures = [var.log_retention_days]
}

run "an_alert_counts_what_it_says" {
  command = plan
  assert {
    condition     = google_monitoring_alert_policy.down.conditions[0].condition_threshold[0].threshold_value == 1
    error_message = "One region alone may be the region's trouble."
  }
  assert {
    condition     = google_monitoring_alert_policy.down.conditions[0].condition_threshold[0].aggregations[0].per_series_aligner == "ALIGN_NEXT_OLDER" && google_monitoring_alert_policy.down.conditions[0].condition_threshold[0].aggregations[0].cross_series_reducer == "REDUCE_COUNT_FALSE" && google_monitoring_alert_policy.down.conditions[0].condition_threshold[0].aggregations[0].alignment_period == "60s"
    error_message = "Regions that got no answer in the last minute are counted."
  }
  assert {
    condition     = google_monitoring_alert_policy.down.conditions[0].condition_threshold[0].aggregations[0].group_by_fields == tolist(["resource.label.host"])
    error_message = "For each host by itself."
  }
  assert {
    condition     = google_monitoring_uptime_check_config.health.http_check[0].accepted_response_status_codes[0].status_class == "STATUS_CLASS_2XX"
    error_message = "A redirect or an error is no answer."
  }
  assert {
    condition     = google_monitoring_alert_policy.csrf.severity == "WARNING"
    error_message = "Forged changes that were refused wake nobody."
  }
  assert {
    condition     = google_monitoring_alert_policy.csrf.conditions[0].condition_threshold[0].filter == "resource.type=\"cloud_run_revision\" AND metric.type=\"logging.googleapis.com/user/todo-production/csrf_failures\""
    error_message = "It is about the metric of refused changes."
  }
  assert {
    condition     = google_monitoring_alert_policy.csrf.conditions[0].condition_threshold[0].aggregations[0].alignment_period == "300s" && google_monitoring_alert_policy.csrf.conditions[0].condition_threshold[0].aggregations[0].per_series_aligner == "ALIGN_DELTA" && google_monitoring_alert_policy.csrf.conditions[0].condition_threshold[0].aggregations[0].cross_series_reducer == "REDUCE_SUM"
    error_message = "All that were refused in five minutes."
  }
  assert {
    condition     = alltrue([for metric in google_logging_metric.this : one(metric.metric_descriptor[0].labels).value_type == "STRING"])
    error_message = "A revision is a name."
  }
}

run "a_goal_is_of_thirty_days_and_of_all_requests" {
  command = plan
  assert {
    condition     = google_monitoring_slo.availability.rolling_period_days == 30 && google_monitoring_slo.latency.rolling_period_days == 30
    error_message = "The burn rates are of a budget of 30 days."
  }
  assert {
    condition     = google_monitoring_slo.availability.request_based_sli[0].good_total_ratio[0].total_service_filter == "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"todo-production\" AND metric.type=\"run.googleapis.com/request_count\""
    error_message = "Every request of the service counts."
  }
}

run "the_budget_is_the_projects_and_told_to_people" {
  command = plan
  variables {
    monthly_budget  = 50
    billing_account = "012345-6789AB-CDEF01"
  }
  assert {
    condition     = google_billing_budget.this[0].budget_filter[0].projects == toset(["projects/example-project"])
    error_message = "Other projects of the account are not in it."
  }
  assert {
    condition     = length(google_billing_budget.this[0].all_updates_rule[0].monitoring_notification_channels) == 1 && google_billing_budget.this[0].all_updates_rule[0].disable_default_iam_recipients == false
    error_message = "Who is alerted of the service is told, and who pays."
  }
}

run "a_graph_shows_what_its_title_says" {
  command = plan
  assert {
    condition     = [for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : "${tile.xPos},${tile.yPos} ${tile.width}x${tile.height}"] == ["0,0 6x4", "6,0 6x4", "0,4 6x4", "6,4 6x4", "0,8 6x4", "6,8 6x4"]
    error_message = "Two in a row, none over another."
  }
  assert {
    condition     = jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.columns == 12 && jsondecode(google_monitoring_dashboard.this.dashboard_json).displayName == "todo-production"
    error_message = "The grid has twelve columns; the dashboard is named as the service."
  }
  assert {
    condition     = [for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : "${tile.widget.xyChart.dataSets[0].timeSeriesQuery.timeSeriesFilter.aggregation.perSeriesAligner} ${tile.widget.xyChart.dataSets[0].timeSeriesQuery.timeSeriesFilter.aggregation.crossSeriesReducer} ${tile.widget.xyChart.dataSets[0].timeSeriesQuery.timeSeriesFilter.aggregation.groupByFields[0]}"] == ["ALIGN_RATE REDUCE_SUM resource.label.revision_name", "ALIGN_RATE REDUCE_SUM metric.label.response_code_class", "ALIGN_DELTA REDUCE_PERCENTILE_95 resource.label.revision_name", "ALIGN_MAX REDUCE_SUM metric.label.state", "ALIGN_RATE REDUCE_SUM metric.label.revision", "ALIGN_RATE REDUCE_SUM metric.label.revision"]
    error_message = "Rates are summed, latencies are a percentile, each by what its title names."
  }
  assert {
    condition     = alltrue([for tile in jsondecode(google_monitoring_dashboard.this.dashboard_json).mosaicLayout.tiles : startswith(tile.widget.xyChart.dataSets[0].timeSeriesQuery.timeSeriesFilter.filter, "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"todo-production\" AND metric.type=") && tile.widget.xyChart.dataSets[0].plotType == "LINE" && tile.widget.xyChart.dataSets[0].timeSeriesQuery.timeSeriesFilter.aggregation.alignmentPeriod == "60s"])
    error_message = "Each is of this service alone, minute by minute."
  }
}
