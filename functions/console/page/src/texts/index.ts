/** Every sentence a person reads, by area. To translate: a folder beside `en` with the same files, chosen here. */
export * as texts from './en'
