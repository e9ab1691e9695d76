import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `LECTERN_URL` of a running stack makes `vite web` serve the page with reloading in front of it. */
const api = 'http://127.0.0.1:8080';

// eslint-disable-next-line import/no-default-export -- Vite reads its configuration so.
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy: { '/api': api, '/session': api, '/openapi.json': api } },
});
