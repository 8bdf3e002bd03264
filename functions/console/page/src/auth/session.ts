import { ErrorResponse, InMemoryWebStorage, UserManager, WebStorageStateStore } from 'oidc-client-ts'
import type { PageSettings } from '../settings'
import { personOf, type Person } from './person'

/** In sessionStorage: only that somebody was signed in at this tab, and when we last went to sign in again. */
const WAS_SIGNED_IN = 'clinic-ledger.signed-in'
const WENT_AGAIN_AT = 'clinic-ledger.went-again'
const LOOP_SECONDS = 30
const RENEW_BEFORE_SECONDS = 60

export type Start =
  | { kind: 'signed-in'; person: Person; place: string | null }
  | { kind: 'signed-out'; failed: boolean }
  | { kind: 'no-role' }
  /** The browser is on its way to the sign-in page. */
  | { kind: 'leaving' }

/**
 * Sign-in by OpenID Connect's code flow with PKCE. The tokens live in this object's memory and nowhere else, so a
 * reload goes to the issuer and comes straight back, while its own session lasts.
 */
export class Session {
  private readonly manager: UserManager
  private renewing: Promise<string | null> | null = null

  constructor(private readonly settings: PageSettings) {
    this.manager = new UserManager({
      authority: settings.issuer,
      client_id: settings.client_id,
      redirect_uri: `${window.location.origin}/`,
      post_logout_redirect_uri: `${window.location.origin}/`,
      response_type: 'code',
      scope: settings.scopes,
      extraQueryParams: { audience: settings.audience },
      userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
      // The state and the PKCE verifier must outlive the way to the issuer and back; they are used once.
      stateStore: new WebStorageStateStore({ store: window.sessionStorage }),
      automaticSilentRenew: false,
      loadUserInfo: false,
    })
  }

  /** What to show first: takes up an answer of the issuer, or goes to sign in where somebody was signed in before. */
  async start(): Promise<Start> {
    const query = new URLSearchParams(window.location.search)
    if (query.has('state') && (query.has('code') || query.has('error'))) return this.takeUpAnswer()
    if (window.sessionStorage.getItem(WAS_SIGNED_IN)) {
      await this.go(currentPlace(), 'none')
      return { kind: 'leaving' }
    }
    return { kind: 'signed-out', failed: false }
  }

  async signIn(): Promise<void> {
    await this.go(currentPlace())
  }

  async signOut(): Promise<void> {
    window.sessionStorage.removeItem(WAS_SIGNED_IN)
    const { end_session_endpoint } = await this.manager.metadataService.getMetadata()
    if (end_session_endpoint) await this.manager.signoutRedirect()
    else {
      await this.manager.removeUser()
      window.location.assign('/')
    }
  }

  /** A bearer that is good for the next minute; null when signing in again is under way. */
  async token(): Promise<string | null> {
    const user = await this.manager.getUser()
    if (user && (user.expires_in ?? 0) > RENEW_BEFORE_SECONDS) return user.access_token
    this.renewing ??= this.renew().finally(() => {
      this.renewing = null
    })
    return this.renewing
  }

  /** The server did not accept the bearer. False when that was tried a moment ago and would go round in circles. */
  async signInAgain(): Promise<boolean> {
    const before = Number(window.sessionStorage.getItem(WENT_AGAIN_AT) ?? 0)
    if (Date.now() - before < LOOP_SECONDS * 1000) return false
    window.sessionStorage.setItem(WENT_AGAIN_AT, String(Date.now()))
    await this.go(currentPlace(), 'none')
    return true
  }

  private async renew(): Promise<string | null> {
    const user = await this.manager.getUser()
    if (user?.refresh_token) {
      try {
        const renewed = await this.manager.signinSilent()
        if (renewed) return renewed.access_token
      } catch (error) {
        // The issuer cannot be reached: an answer is no refusal, so only that one leads away from the page.
        if (!(error instanceof ErrorResponse)) {
          if (user.expired) throw error
          return user.access_token
        }
      }
    }
    await this.go(currentPlace(), 'none')
    return null
  }

  private async takeUpAnswer(): Promise<Start> {
    try {
      const user = await this.manager.signinRedirectCallback()
      const place = typeof user.state === 'string' ? user.state : null
      const person = personOf(user.access_token, {
        practice: this.settings.practice_claim,
        role: this.settings.role_claim,
      })
      cleanAddress(place)
      if (!person) return { kind: 'no-role' }
      window.sessionStorage.setItem(WAS_SIGNED_IN, '1')
      return { kind: 'signed-in', person, place }
    } catch (error) {
      window.sessionStorage.removeItem(WAS_SIGNED_IN)
      const asked = error instanceof ErrorResponse ? error : null
      cleanAddress(typeof asked?.state === 'string' ? asked.state : null)
      // `login_required` is how an issuer says that its own session is over: nothing went wrong.
      const over = ['login_required', 'interaction_required', 'access_denied'].includes(asked?.error ?? '')
      return { kind: 'signed-out', failed: !over }
    }
  }

  private async go(place: string, prompt?: 'none'): Promise<void> {
    await this.manager.signinRedirect({ state: place, ...(prompt ? { prompt } : {}) })
  }
}

function currentPlace(): string {
  return window.location.pathname + window.location.search
}

/** Takes code and state out of the address, and puts the page where the person was. Only a path of ours. */
function cleanAddress(place: string | null): void {
  const path = place && /^\/(?![/\\])/.test(place) ? place : '/'
  window.history.replaceState(null, '', path)
}
