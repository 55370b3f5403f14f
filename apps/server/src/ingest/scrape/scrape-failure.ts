/** A scrape brought nothing. The message is what `lastError` of the target shows: `got …; want …`, never a secret. */
export class ScrapeFailure extends Error {
  override readonly name = 'ScrapeFailure';
}
