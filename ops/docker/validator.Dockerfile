# The validator as an image: docker build --file ops/docker/validator.Dockerfile --tag vision-validator .
FROM node:20.19.0-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci && npm run build -- --filter=@vision/validator-app

# The programs are bundled: beside them there is only what they read from disk.
FROM node:20.19.0-bookworm-slim
ENV NODE_ENV=production VISION_VALIDATOR_GATEWAY_HOST=0.0.0.0 VISION_VALIDATOR_METRICS_HOST=0.0.0.0
WORKDIR /opt/vision
COPY --from=build /build/apps/validator/package.json apps/validator/
COPY --from=build /build/apps/validator/dist apps/validator/dist/
COPY --from=build /build/packages/tiny/package.json node_modules/@vision/tiny/
COPY --from=build /build/packages/tiny/models node_modules/@vision/tiny/models/
RUN install --directory --owner=node --group=node --mode=0700 /var/lib/vision
USER node
WORKDIR /var/lib/vision
VOLUME /var/lib/vision
EXPOSE 8080 9090
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+(process.env.VISION_VALIDATOR_GATEWAY_PORT||8080)+'/healthz').then(({ok})=>process.exit(ok?0:1),()=>process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "/opt/vision/apps/validator/dist/main.js"]
CMD ["run", "--config", "/etc/vision/validator.json"]
