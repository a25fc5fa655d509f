/** The drawings that stand on the buttons which the guide names. */
import type { LucideIcon } from "@lucide/svelte";
import Bell from "@lucide/svelte/icons/bell";
import Calendar from "@lucide/svelte/icons/calendar-days";
import ClipboardCheck from "@lucide/svelte/icons/clipboard-check";
import Download from "@lucide/svelte/icons/download";
import Ellipsis from "@lucide/svelte/icons/ellipsis";
import Eraser from "@lucide/svelte/icons/eraser";
import Eye from "@lucide/svelte/icons/eye";
import FileText from "@lucide/svelte/icons/file-text";
import Hand from "@lucide/svelte/icons/hand";
import Headset from "@lucide/svelte/icons/headset";
import Highlighter from "@lucide/svelte/icons/highlighter";
import LayoutGrid from "@lucide/svelte/icons/layout-grid";
import LogOut from "@lucide/svelte/icons/log-out";
import MapPin from "@lucide/svelte/icons/map-pin";
import Maximize from "@lucide/svelte/icons/maximize-2";
import Mic from "@lucide/svelte/icons/mic";
import MicOff from "@lucide/svelte/icons/mic-off";
import Package from "@lucide/svelte/icons/package";
import Pen from "@lucide/svelte/icons/pen-line";
import Plus from "@lucide/svelte/icons/plus";
import QrCode from "@lucide/svelte/icons/qr-code";
import RotateCcw from "@lucide/svelte/icons/rotate-ccw";
import RotateCw from "@lucide/svelte/icons/rotate-cw";
import Undo from "@lucide/svelte/icons/undo-2";
import Upload from "@lucide/svelte/icons/upload";
import UserCheck from "@lucide/svelte/icons/user-check";
import Users from "@lucide/svelte/icons/users-round";
import Volume from "@lucide/svelte/icons/volume-2";

export const HELP_ICONS: Readonly<Record<string, LucideIcon>> = {
  "admin.add": Plus,
  "calendar.create": Plus,
  "checklist.title": ClipboardCheck,
  "desk.acting_grant": UserCheck,
  "desk.hand_chair": Users,
  "desk.invite": Mic,
  "desk.large_page": Maximize,
  "desk.mute_all": MicOff,
  "desk.notice": Bell,
  "desk.papers": FileText,
  "desk.return_controls": Undo,
  "media.close_microphone": MicOff,
  "page.alone": Eye,
  "page.eraser": Eraser,
  "page.follow": Users,
  "page.marker": Highlighter,
  "page.pen": Pen,
  "page.undo": Undo,
  "playback.back_10": RotateCcw,
  "playback.on_10": RotateCw,
  "prepare.upload": Upload,
  "room.ask_floor": Hand,
  "room.call_technician": Headset,
  "room.leave": Calendar,
  "room.more": Ellipsis,
  "room.sign_out": LogOut,
  "rooms.add": Plus,
  "secretary.export_docx": Download,
  "secretary.export_pdf": Download,
  "secretary.kit": Package,
  "signin.guest": QrCode,
  "site.call_technician": Headset,
  "sites.open": MapPin,
  "technician.sound_all": Volume,
  "technician.wall": LayoutGrid,
};
