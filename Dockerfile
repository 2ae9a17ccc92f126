# The service without the embedded database (set DATABASE_URL): 34 MB on top of node:24-slim, which is about 250.
# `npm run compose:check` builds and runs it; what it measured: docs/onboarding.md.

FROM node:24.21.0-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages are the embedded PostgreSQL; no package needs its install script at run time.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
 && find node_modules \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -type f -delete

# The command line, bundled: one file of its own.
FROM node:24.21.0-slim AS command-line
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY client ./client
COPY cli ./cli
COPY scripts/bundle.ts ./scripts/bundle.ts
COPY src/report ./src/report
COPY src/verdict ./src/verdict
RUN node cli/build.ts

FROM node:24.21.0-slim
ENV NODE_ENV=production \
    SEQPULSE_DATA_DIR=/data
WORKDIR /app
# The secrets made at the first start live here: keep it on a volume, or set them.
RUN mkdir /data && chown node:node /data
VOLUME /data
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY otel ./otel
COPY src ./src
COPY grafana/role ./grafana/role
COPY --from=command-line /app/cli/dist/seqpulse.js ./cli/dist/seqpulse.js
RUN ln -s /app/cli/dist/seqpulse.js /usr/local/bin/seqpulse
# `node`, by number: Kubernetes' runAsNonRoot can't tell from a name.
USER 1000:1000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8000}/readyz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is process 1 and takes SIGTERM: running jobs are finished or given back within 10 s.
STOPSIGNAL SIGTERM
CMD ["node", "--max-semi-space-size=4", "--heap-growing-percent=50", "--import", "./otel/register.ts", "src/main.ts"]
