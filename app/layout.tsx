import type { Metadata, Viewport } from 'next';
import Link from 'next/link';
import './globals.css';
import { siteUrl } from './_server/environment';
import { AccountLink } from './_ui/account-link';
import { LICENCE } from './_ui/licence';
import { Mark } from './_ui/mark';
import { Theme, ThemeToggle } from './_ui/theme';

/** Addresses in cards and canonical links are of the site as it runs; pages made at build time have none. */
export function generateMetadata(): Metadata {
  return {
    metadataBase: new URL(siteUrl()),
    title: { default: 'Simplexity', template: '%s · Simplexity' },
    description: 'Adversarial robustness and neural collapse of image classifiers, measured in your browser.',
  };
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1 };

export default function Layout({ children }: { children: React.ReactNode }) {
  return (
    <html lang="en" suppressHydrationWarning>
      <head>
        <link rel="alternate" type="application/rss+xml" title="Simplexity" href="/feed.xml" />
        <link rel="alternate" type="application/feed+json" title="Simplexity" href="/feed.json" />
      </head>
      <body className="flex min-h-dvh flex-col font-sans text-[15px] leading-relaxed antialiased">
        <Theme>
          <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:left-3 focus:top-3 focus:z-10 focus:bg-bg focus:p-2">
            Skip to the content
          </a>
          <header className="border-b border-line">
            <div className="mx-auto flex h-13 max-w-6xl items-center gap-3 px-4 sm:gap-5">
              <Link href="/" className="flex items-center gap-2 font-semibold tracking-tight">
                <Mark /> <span className="max-[26rem]:sr-only">Simplexity</span>
              </Link>
              <nav aria-label="Main" className="ml-auto flex items-center gap-2 text-sm sm:gap-4">
                {[
                  ['/evaluate', 'Evaluate'],
                  ['/submit', 'Submit'],
                  ['/lab', 'Lab'],
                  ['/docs', 'Docs'],
                ].map(([href, word]) => (
                  <Link key={href} href={href} prefetch={false} className="text-muted hover:text-fg">
                    {word}
                  </Link>
                ))}
                <AccountLink className="text-muted hover:text-fg" />
                <ThemeToggle />
              </nav>
            </div>
          </header>
          <main id="main" className="mx-auto w-full max-w-6xl flex-1 px-4 py-8">
            {children}
          </main>
          <footer className="border-t border-line">
            <p className="mx-auto max-w-6xl px-4 py-4 text-xs text-muted">
              <Link href="/queue" prefetch={false} className="underline underline-offset-2">
                Queue
              </Link>{' '}
              ·{' '}
              <Link href="/runners" prefetch={false} className="underline underline-offset-2">
                Runners
              </Link>{' '}
              ·{' '}
              <Link href="/docs/api" prefetch={false} className="underline underline-offset-2">
                API
              </Link>{' '}
              ·{' '}
              <Link href="/compare" prefetch={false} className="underline underline-offset-2">
                Compare
              </Link>{' '}
              ·{' '}
              <Link href="/paper" prefetch={false} className="underline underline-offset-2">
                Reproduction
              </Link>{' '}
              ·{' '}
              <a href="/feed.xml" className="underline underline-offset-2">
                Feed
              </a>{' '}
              ·{' '}
              <Link href="/dumps" prefetch={false} className="underline underline-offset-2">
                Dumps
              </Link>{' '}
              · Data{' '}
              <a href={LICENCE.url} rel="license" className="underline underline-offset-2">
                {LICENCE.name}
              </a>{' '}
              · Protocol 1 · follows{' '}
              <a className="underline underline-offset-2" href="https://arxiv.org/abs/2311.07444">
                On the Robustness of Neural Collapse and the Neural Collapse of Robustness
              </a>
            </p>
          </footer>
        </Theme>
      </body>
    </html>
  );
}
