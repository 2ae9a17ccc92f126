/** How npm reaches its registry from here: certificates, proxies, npm's own settings. */
export const REGISTRY_ACCESS = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && /^(NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|https?_proxy|no_proxy|npm_config_.*)$/i.test(name)
      ? [[name, value]]
      : [],
  ),
);
