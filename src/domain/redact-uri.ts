/** Everything up to the last @ is taken for user and password: they may hold what they should have escaped. */
const USER_INFO = /^(?!sqlite:)([a-z][a-z0-9+.-]*:\/{0,2}).*@/is;
const SECRET_OPTION = /([?&](?:authMechanismProperties|proxyPassword|tlsCertificateKeyFilePassword)=)[^&]*/gi;

/** The URI of a storage as it may be printed and logged: without user, password and other secrets. */
export function redactUri(uri: string): string {
  return uri.replace(USER_INFO, '$1***@').replace(SECRET_OPTION, '$1***');
}
