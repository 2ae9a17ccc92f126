{{- define "seqpulse.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "seqpulse.selectorLabels" -}}
app.kubernetes.io/name: seqpulse
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "seqpulse.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "seqpulse.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end -}}

{{- define "seqpulse.metadata" -}}
name: {{ include "seqpulse.fullname" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "seqpulse.labels" . | nindent 2 }}
{{- end -}}

{{- define "seqpulse.secretName" -}}
{{- if .Values.secret.create -}}
{{ include "seqpulse.fullname" . }}
{{- else -}}
{{ required "secret.existingSecret names the Secret with database-url, admin-token and secret-key" .Values.secret.existingSecret }}
{{- end -}}
{{- end -}}

{{- define "seqpulse.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "seqpulse.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{- define "seqpulse.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "seqpulse.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "seqpulse.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}
