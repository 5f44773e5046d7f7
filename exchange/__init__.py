"""What goes back to the sender: a decision as FHIR resources."""
