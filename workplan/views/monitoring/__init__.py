"""Pages of implementation status and figures."""
