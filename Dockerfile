# Two stages: the first has the compiler, the second only what runs. Neither needs a compiler for native code: DuckDB
# and SQLite come as prebuilt packages.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
# Shown by driftwarden_build_info: docker build --build-arg REVISION=$(git rev-parse HEAD) .
ARG REVISION=unknown
ENV NODE_ENV=production DRIFTWARDEN_REVISION=$REVISION
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY dashboards ./dashboards
COPY alerts ./alerts
COPY deploy/forward.mjs ./deploy/
# The state store, the audit key and the command line's token live here: give it a volume.
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 9469
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9469/-/healthy').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/main.js"]
CMD ["demo", "--state", "/data"]
