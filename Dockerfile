# syntax=docker/dockerfile:1

FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-fund --no-audit
# onnxruntime brings the libraries of every system; only this one's can be loaded.
RUN node -e " \
  const fs = require('node:fs'); \
  const bin = 'node_modules/onnxruntime-node/bin'; \
  for (const api of fs.readdirSync(bin)) \
    for (const system of fs.readdirSync(bin + '/' + api)) \
      for (const arch of fs.readdirSync(bin + '/' + api + '/' + system)) \
        if (system !== 'linux' || arch !== process.arch) \
          fs.rmSync(bin + '/' + api + '/' + system + '/' + arch, { recursive: true });"
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/build.mjs
COPY locales locales
COPY channels channels
COPY commands commands
COPY src src
RUN node scripts/build.mjs

FROM node:22-slim
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data \
    LOG_FORMAT=json
WORKDIR /app
COPY --from=build /app /app
RUN mkdir /data && chown node:node /data && chmod 700 /data
USER node
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Not through npm: the stop signal must reach the service itself.
CMD ["node", "dist/src/main.js"]
