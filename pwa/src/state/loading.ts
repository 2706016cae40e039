/** How far a page that lives on the server has come: `closed` when the session has ended meanwhile. */
export type Loading = 'loading' | 'offline' | 'closed' | 'here';
