"""The sample company: fictional, generated, the same for the same seed and day. It shows what the platform is for."""
