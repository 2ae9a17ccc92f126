/** Of the API: it grows with its routes and fields, and a new first number would break clients (docs/contract.md). */
export const API_VERSION = '1.0.0';
