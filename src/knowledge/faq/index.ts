export { createFaqService, type FaqServiceOptions } from './faq-service.js';
