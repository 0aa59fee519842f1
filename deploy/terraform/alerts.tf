# The policies of deploy/alerts/cloud_monitoring, as they lie there: made and tested with the alarms of `sahelwatch status`.
locals {
  alert_folder = "${path.module}/../alerts/cloud_monitoring"
  policies = {
    for file in fileset(local.alert_folder, "*.json") :
    trimsuffix(file, ".json") => jsondecode(file("${local.alert_folder}/${file}"))
  }

  # those with a PromQL condition need the exporter's figures
  wanted = {
    for name, policy in local.policies : name => policy
    if var.exporter || !can(policy.conditions[0].conditionPrometheusQueryLanguage)
  }
}

resource "google_monitoring_alert_policy" "alarms" {
  for_each = local.wanted

  display_name          = each.value.displayName
  combiner              = each.value.combiner
  severity              = each.value.severity
  user_labels           = each.value.userLabels
  notification_channels = var.notification_channels

  documentation {
    subject   = each.value.documentation.subject
    content   = each.value.documentation.content
    mime_type = each.value.documentation.mimeType
  }

  alert_strategy {
    auto_close = each.value.alertStrategy.autoClose
  }

  dynamic "conditions" {
    for_each = each.value.conditions

    content {
      display_name = conditions.value.displayName

      dynamic "condition_prometheus_query_language" {
        for_each = [for found in [lookup(conditions.value, "conditionPrometheusQueryLanguage", null)] : found if found != null]
        iterator = promql

        content {
          query                     = promql.value.query
          duration                  = promql.value.duration
          evaluation_interval       = promql.value.evaluationInterval
          alert_rule                = promql.value.alertRule
          rule_group                = promql.value.ruleGroup
          disable_metric_validation = promql.value.disableMetricValidation
        }
      }

      dynamic "condition_threshold" {
        for_each = [for found in [lookup(conditions.value, "conditionThreshold", null)] : found if found != null]
        iterator = threshold

        content {
          filter          = threshold.value.filter
          comparison      = threshold.value.comparison
          threshold_value = threshold.value.thresholdValue
          duration        = threshold.value.duration

          dynamic "aggregations" {
            for_each = threshold.value.aggregations

            content {
              alignment_period   = aggregations.value.alignmentPeriod
              per_series_aligner = aggregations.value.perSeriesAligner
            }
          }

          trigger {
            count = threshold.value.trigger.count
          }
        }
      }
    }
  }
}
