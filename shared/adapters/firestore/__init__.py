"""The store in Cloud Firestore."""
