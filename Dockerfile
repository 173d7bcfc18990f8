# One image for every service: its command says which one, such as `packages/order/src/main.ts`.
# Node runs the TypeScript as it is, so there is nothing to compile.

# What is to be installed, apart from the sources: the installed layer stays while only sources change.
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY packages packages
RUN find packages -type f ! -name package.json -delete

# The npm package `node` is the checkout's: a development dependency, left out here, where the image has its own Node.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY --from=manifests /app ./
RUN --mount=type=cache,target=/cache \
  npm_config_cache=/cache/npm npx --yes "$(node -p 'require("./package.json").packageManager')" \
  install --prod --frozen-lockfile --store-dir /cache/store

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8088
WORKDIR /app
COPY --from=dependencies /app ./
COPY packages packages
USER node
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node"]
CMD ["packages/gateway/src/main.ts"]
