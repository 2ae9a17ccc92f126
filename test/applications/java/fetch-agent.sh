#!/usr/bin/env bash
# OpenTelemetry's agent for Java, from Maven Central into .cache: for test/otlp/java-agent.test.ts.
set -euo pipefail
cd "$(dirname "$0")/../../.."
agent=io.opentelemetry.javaagent:opentelemetry-javaagent:2.33.1
folder=.cache/otel-java
[[ -e $folder/opentelemetry-javaagent.jar ]] && exit 0
# Beside its place first: what was interrupted is no agent.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
timeout 120 mvn -q -B dependency:copy -Dartifact="$agent" -DoutputDirectory="$work" -Dmdep.stripVersion=true
mkdir -p "$folder"
mv "$work/opentelemetry-javaagent.jar" "$folder/opentelemetry-javaagent.jar"
