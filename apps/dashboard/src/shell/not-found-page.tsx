import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useView } from '../view/view.ts';

/** What an address shows that is no page. */
export function NotFoundPage(): ReactNode {
  const { texts } = useView();
  return (
    <main id="main" tabIndex={-1} className="grid flex-1 place-content-center gap-4 text-center">
      <h1 className="text-[15px] font-semibold">{texts.notFound}</h1>
      <Link to="/" search={(search) => search} className="control mx-auto">
        {texts.toOverview}
      </Link>
    </main>
  );
}
