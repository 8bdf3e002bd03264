export const problems = {
  unreachable: 'Clinic Ledger cannot be reached. Check the connection to the internet, then try again.',
  unclear: 'Something went wrong here, and nothing was changed by it as far as we know. Try again in a moment.',
  tryAgain: 'Try again',
  requestId: (id: string) => `For support: request ${id}`,
  offline: 'You are offline. What you see may be old; it renews itself when the connection is back.',
  startFailed: 'The page could not start, because its settings cannot be read.',
  signInFailed: 'The sign-in did not finish. Nothing is lost; sign in once more.',
  noRole:
    'You are signed in, but your account has no practice or no role here. Ask whoever manages the accounts of your practice.',
  broken: 'This part of the page failed. Load the page again; if it stays so, tell whoever looks after Clinic Ledger.',
  reload: 'Load again',
  nothingHere: 'There is nothing at this address.',
  toOverview: 'Go to the overview',
}
