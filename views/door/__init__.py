"""What stands before the desk: unlocking, and enrolment by a one-time code. Light on purpose: the first thing that is painted."""
