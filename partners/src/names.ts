/** The names this app keeps things under; see `kit/offline/names`. */
import { appNames } from '@estran/kit/offline/names';

export const names = appNames('scan');
