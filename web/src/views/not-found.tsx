import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export function NotFound(): ReactNode {
  return (
    <>
      <h1>There is no such page</h1>
      <p>
        <Link to="/">To the library</Link>
      </p>
    </>
  );
}
