"""The metrics, one module each, registered through the same door as a vendor's."""
