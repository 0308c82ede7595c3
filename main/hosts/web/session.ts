/**
 * Who may use a web host: whoever holds the one-time token of its link gets a cookie for as long as the host lives. Secrets are compared
 * in constant time, by their digests, so that neither a prefix nor a length can be told from the time it takes.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const secret = (): string => randomBytes(32).toString('base64url')
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

export class Session {
  readonly #value = secret()
  #token: string | null = null
  /**
   * set when it is known, before the first request. Cookies are shared by all ports of a host name, hence the port in
   * the cookie's name.
   */
  port = 0

  get #name(): string {
    return `pylon-${this.port}`
  }

  /** A new token; an older one that was not used is void. */
  newToken(): string {
    return (this.#token = secret())
  }

  /** Exchanges a token, once. @returns the value of a Set-Cookie header; null for a token that is not the one */
  exchange(token: string): string | null {
    if (this.#token === null || !same(token, this.#token)) return null
    this.#token = null
    return `${this.#name}=${this.#value}; Path=/; HttpOnly; SameSite=Strict`
  }

  /** Whether a Cookie header has the session in it. */
  knows(cookies: string | undefined): boolean {
    const values = (cookies ?? '').split(';').flatMap((pair) => {
      const at = pair.indexOf('=')
      return pair.slice(0, at).trim() === this.#name ? [pair.slice(at + 1).trim()] : []
    })
    return values.some((value) => same(value, this.#value))
  }
}
