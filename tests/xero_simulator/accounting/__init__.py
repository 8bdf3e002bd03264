"""The books of a simulated Xero organisation: contacts, invoices, payments and the rules that bind them."""
