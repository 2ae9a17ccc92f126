#!/bin/sh
# Starts Alertmanager with the receivers that the environment names. Alertmanager expands no variables, and its image
# has nothing but a shell: hence this file. Arguments are handed on to Alertmanager.
#
#   ALERT_WEBHOOK_URL     every alert as JSON (Alertmanager's webhook format)
#   ALERT_SLACK_URL       every alert to a Slack incoming webhook
#   ALERT_SLACK_CHANNEL   another channel than the webhook's own, such as #on-call
#   ALERT_HEARTBEAT_URL   the watchdog every five minutes, for a service that raises the alarm when it stops
#
# The URLs are secrets: they are written to a file that only this user can read, printed nowhere, and taken out of the
# environment that Alertmanager is started with. No program gets one as an argument, for those show in process lists.
set -eu
umask 077

folder=$(dirname "$0")
rendered=${ALERTMANAGER_RENDERED:-/alertmanager/rendered.yml}
program=${ALERTMANAGER_PROGRAM:-/bin/alertmanager}

# A YAML string: in single quotes nothing but the quote itself is special.
quoted() {
  printf "'%s'" "$(printf %s "$1" | sed "s/'/''/g")"
}

# The name of a variable and its value: a mistyped URL would end up in Alertmanager's own error message, in full.
require_url() {
  case $2 in
    *[[:space:]]*) ;;
    http://?* | https://?*) return 0 ;;
  esac
  echo "alertmanager: $1 must be a URL that begins with http:// or https://" >&2
  exit 78
}

webhook() {
  require_url "$1" "$2"
  printf '    webhook_configs:\n      - url: %s\n        send_resolved: true\n' "$(quoted "$2")"
}

slack() {
  require_url ALERT_SLACK_URL "$ALERT_SLACK_URL"
  printf '    slack_configs:\n      - api_url: %s\n        send_resolved: true\n' "$(quoted "$ALERT_SLACK_URL")"
  [ -z "${ALERT_SLACK_CHANNEL:-}" ] || printf '        channel: %s\n' "$(quoted "$ALERT_SLACK_CHANNEL")"
  cat <<'SLACK'
        title: '{{ .Status | toUpper }} {{ .CommonLabels.alertname }} {{ .CommonLabels.environment }}'
        text: |-
          {{ range .Alerts }}*{{ .Labels.severity }}* {{ .Annotations.summary }} {{ .Annotations.description }}
          <{{ .Annotations.runbook_url }}|Runbook> · <{{ .Annotations.dashboard_url }}|Dashboard>
          {{ end }}
SLACK
}

{
  sed '/^receivers:/,$d' "$folder/alertmanager.yml"
  printf 'receivers:\n  - name: team\n'
  [ -z "${ALERT_WEBHOOK_URL:-}" ] || webhook ALERT_WEBHOOK_URL "$ALERT_WEBHOOK_URL"
  [ -z "${ALERT_SLACK_URL:-}" ] || slack
  printf '  - name: heartbeat\n'
  [ -z "${ALERT_HEARTBEAT_URL:-}" ] || webhook ALERT_HEARTBEAT_URL "$ALERT_HEARTBEAT_URL"
} >"$rendered"

if [ -z "${ALERT_WEBHOOK_URL:-}${ALERT_SLACK_URL:-}" ]; then
  echo 'alertmanager: neither ALERT_WEBHOOK_URL nor ALERT_SLACK_URL is set: alerts show on the page of Alertmanager only' >&2
fi
unset ALERT_WEBHOOK_URL ALERT_SLACK_URL ALERT_SLACK_CHANNEL ALERT_HEARTBEAT_URL
exec "$program" --config.file="$rendered" "$@"
