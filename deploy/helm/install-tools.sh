#!/usr/bin/env bash
# npm run kubernetes:tools: what the chart is checked with, into .cache/kubernetes and .venv. Needs Go and Python 3; cold it
# takes minutes, later no time. helm and kustomize are the real programs, built from their Go modules.
set -euo pipefail
cd "$(dirname "$0")/../.."
HELM=v4.3.2 KUSTOMIZE=v5.8.2 OPERATOR=v0.85.0 SCHEMAS=1.37.0
tools="$PWD/.cache/kubernetes"
mkdir -p "$tools/crds"

export GOBIN="$tools" CGO_ENABLED=0 GOFLAGS="${GOFLAGS:-} -buildvcs=false"
# Outside of a checkout, so that Go looks for no module here.
[[ -x $tools/helm ]] || (cd / && go install -trimpath -ldflags='-s -w' "helm.sh/helm/v4/cmd/helm@$HELM")
[[ -x $tools/kustomize ]] || (cd / && go install -trimpath -ldflags='-s -w' "sigs.k8s.io/kustomize/kustomize/v5@$KUSTOMIZE")

# The kinds of the Prometheus Operator, by its own definitions.
if [[ ! -e $tools/crds/prometheusrules.yaml ]]; then
  operator="$(cd / && go mod download -json "github.com/prometheus-operator/prometheus-operator@$OPERATOR" |
    sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')"
  for kind in servicemonitors prometheusrules; do
    install -m 644 "$operator/example/prometheus-operator-crd/monitoring.coreos.com_$kind.yaml" "$tools/crds/$kind.yaml"
  done
fi

# Kubernetes' own kinds.
if [[ ! -x .venv/bin/kubernetes-validate ]]; then
  [[ -x .venv/bin/pip ]] || python3 -m venv .venv
  .venv/bin/pip install -q --disable-pip-version-check "kubernetes-validate==$SCHEMAS"
fi
"$tools/helm" version --short
