export { freePort } from 'launcher/ports/freePort';
