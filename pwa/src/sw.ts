/** The app's service worker; what it does is written in kit/offline/worker. */
import { appNames } from '@estran/kit/offline/names';
import { type BuiltFile, serveOffline } from '@estran/kit/offline/worker';

declare const self: ServiceWorkerGlobalScope & { readonly __WB_MANIFEST: readonly BuiltFile[] };

serveOffline(self, appNames('pass').prefix, self.__WB_MANIFEST);
